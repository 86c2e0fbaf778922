import { join } from "node:path";
import type { AnonymousAccess } from "./http/caller.ts";
import type { LimitSettings } from "./http/limits.ts";
import type { RoleMapping } from "./oidc/role-mapping.ts";
import { readSettings, type Values } from "./settings.ts";
import type { Retention } from "./store/store.ts";

/** A connection string, or the parts to make one of. */
export type MongoConnection =
  | string
  | {
      readonly host: string;
      readonly port: number;
      readonly database: string;
      readonly username?: string;
      readonly password?: string;
      readonly authSource: string;
    };

/** What the server was told, complete and checked. */
export interface Config {
  readonly host: string;
  readonly port: number;
  readonly metricsPort: number;
  readonly proxyFix: boolean;
  /** None: any. */
  readonly allowedHosts: readonly string[];
  /** Seconds for which browsers that have come by https are told to come by nothing else; 0: they are not. */
  readonly hstsMaxAge: number;
  readonly store:
    | { readonly kind: "sqlite"; readonly directory: string }
    | {
        readonly kind: "mongo";
        readonly connection: MongoConnection;
        readonly keyVaultUri?: string;
        readonly maxPoolSize: number;
      };
  readonly retention: Retention;
  /** The first signs, all verify. None only with the embedded store, which keeps one of its own. */
  readonly signingKeys: readonly Uint8Array[];
  readonly jwtLeeway: number;
  /** Seconds after which a login ends whose refresh token is replaced again and again. */
  readonly longestLogin: number;
  /** Absent: nobody logs in, and callers without a token are contributors. */
  readonly oidc?: {
    readonly clientId: string;
    readonly clientSecret?: string;
    readonly issuer: string;
    readonly requireVerifiedEmail: boolean;
    /** Absent: roles are given here, by hand. */
    readonly roles?: RoleMapping;
    /** The claim with a person's groups; absent: nobody is in one. */
    readonly groupsClaim?: string;
    /** Does the provider know this server's home page as a place to return to after a logout? */
    readonly returnFromLogout: boolean;
    readonly browser: {
      /** Another one ends all browser logins. */
      readonly secretKey: string;
      /** In seconds. */
      readonly sessions: { readonly idle: number; readonly absolute: number };
    };
  };
  /** What callers without a token may do; nothing where people log in. */
  readonly anonymous: AnonymousAccess;
  readonly limits: LimitSettings;
  /** Who may give an existing client another secret. */
  readonly secretResets: "manager" | "admin";
  readonly jobOwnership: "record" | "enforce";
  readonly agentBinding: "record" | "enforce";
  readonly maxAttachmentSize: number;
  readonly maxArtifactSize: number;
  readonly webhook: { readonly url?: string; readonly auth?: string };
  readonly secrets: {
    readonly masterKey?: Uint8Array;
    readonly nextMasterKey?: Uint8Array;
    readonly vault?: { readonly url: string; readonly token: string };
  };
  readonly hostname?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment does not make a working server; `problems` names each variable and the remedy. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  constructor(readonly problems: readonly string[]) {
    super(problems.join("\n"));
  }
}

/** Environment -> Config. Half a configuration is refused: with OIDC half set the reference silently lets everybody in. */
export function loadConfig(env: Environment): Config {
  const { values, problems } = readSettings(env);
  problems.push(...contradictions(env));
  if (problems.length) throw new ConfigError(problems);
  return configOf(values, env);
}

/** What only makes sense together. Looks at what is set, so that a value that is wrong as well does not count as missing. */
function contradictions(env: Environment): string[] {
  const has = (name: keyof Values): boolean => !!env[name];
  const problems: string[] = [];
  const missing = (["OIDC_CLIENT_ID", "OIDC_PROVIDER_ISSUER", "WEB_SECRET_KEY"] as const).filter((name) => !has(name));
  if (missing.length > 0 && (missing.length < 3 || has("OIDC_CLIENT_SECRET")))
    problems.push(
      `${missing.join(" and ")} must be set as well for people to log in, or none of the OIDC_* variables and WEB_SECRET_KEY`,
    );
  if (!has("MONGODB_URI")) {
    if (has("MONGODB_HOST") !== has("MONGODB_DATABASE"))
      problems.push(`${has("MONGODB_HOST") ? "MONGODB_DATABASE" : "MONGODB_HOST"} must be set as well, or MONGODB_URI`);
    else if (!has("MONGODB_HOST") && (has("MONGODB_USERNAME") || has("MONGODB_PASSWORD")))
      problems.push("MONGODB_HOST and MONGODB_DATABASE must be set as well, or MONGODB_URI");
  }
  if (has("MONGODB_USERNAME") !== has("MONGODB_PASSWORD"))
    problems.push("MONGODB_USERNAME and MONGODB_PASSWORD must be set together");
  if (has("OIDC_ROLE_CLAIM") !== has("OIDC_ROLE_MAP"))
    problems.push("OIDC_ROLE_CLAIM and OIDC_ROLE_MAP must be set together");
  if (has("TESTFLINGER_VAULT_URL") !== has("TESTFLINGER_VAULT_TOKEN"))
    problems.push("TESTFLINGER_VAULT_URL and TESTFLINGER_VAULT_TOKEN must be set together");
  if (has("TESTFLINGER_SECRETS_NEW_MASTER_KEY") && !has("TESTFLINGER_SECRETS_MASTER_KEY"))
    problems.push(
      "TESTFLINGER_SECRETS_MASTER_KEY must be set as well: the key that TESTFLINGER_SECRETS_NEW_MASTER_KEY replaces",
    );
  const usesMongo = has("MONGODB_URI") || has("MONGODB_HOST");
  if (usesMongo && !has("JWT_SIGNING_KEY") && !has("JWT_SIGNING_KEYS"))
    problems.push(
      "JWT_SIGNING_KEY must be set with MongoDB, the same for every server on the database. Make one with: openssl rand -base64 48",
    );
  return problems;
}

function configOf(v: Values, env: Environment): Config {
  return {
    host: v.HOST,
    port: v.PORT,
    metricsPort: v.METRICS_PORT,
    proxyFix: v.ENABLE_PROXYFIX,
    allowedHosts: v.ALLOWED_HOSTS ?? [],
    hstsMaxAge: v.HSTS_MAX_AGE,
    store: storeOf(v, env),
    retention: {
      jobs: v.RETENTION_JOBS_DAYS,
      agents: v.RETENTION_AGENTS_DAYS,
      refreshTokens: v.RETENTION_TOKENS_DAYS,
      people: v.RETENTION_PEOPLE_DAYS,
    },
    signingKeys: signingKeysOf(v),
    jwtLeeway: v.JWT_LEEWAY,
    longestLogin: v.LOGIN_MAX_DAYS * 86_400,
    oidc:
      v.OIDC_CLIENT_ID !== undefined && v.OIDC_PROVIDER_ISSUER !== undefined && v.WEB_SECRET_KEY !== undefined
        ? {
            clientId: v.OIDC_CLIENT_ID,
            clientSecret: v.OIDC_CLIENT_SECRET,
            issuer: v.OIDC_PROVIDER_ISSUER,
            requireVerifiedEmail: v.OIDC_REQUIRE_VERIFIED_EMAIL,
            roles:
              v.OIDC_ROLE_CLAIM !== undefined && v.OIDC_ROLE_MAP !== undefined
                ? { claim: v.OIDC_ROLE_CLAIM, roles: v.OIDC_ROLE_MAP }
                : undefined,
            groupsClaim: v.OIDC_GROUPS_CLAIM,
            returnFromLogout: v.OIDC_LOGOUT_RETURN,
            browser: {
              secretKey: v.WEB_SECRET_KEY,
              sessions: { idle: v.WEB_SESSION_IDLE_HOURS * 3600, absolute: v.WEB_SESSION_MAX_HOURS * 3600 },
            },
          }
        : undefined,
    anonymous: v.OIDC_CLIENT_ID === undefined ? v.ANONYMOUS_ACCESS : "none",
    limits: {
      tokenByAddress: v.LIMIT_TOKEN_FAILURES_ADDRESS,
      tokenByClient: v.LIMIT_TOKEN_FAILURES_CLIENT,
      refreshByAddress: v.LIMIT_REFRESH_FAILURES_ADDRESS,
      refreshByClient: v.LIMIT_REFRESH_FAILURES_CLIENT,
      authInit: v.LIMIT_AUTH_INIT_ADDRESS,
      authPoll: v.LIMIT_AUTH_POLL_FAILURES_ADDRESS,
      login: v.LIMIT_LOGIN_FAILURES_ADDRESS,
    },
    secretResets: v.SECRET_RESETS,
    jobOwnership: v.JOB_OWNERSHIP,
    agentBinding: v.AGENT_BINDING,
    maxAttachmentSize: v.MAX_ATTACHMENT_SIZE,
    maxArtifactSize: v.MAX_ARTIFACT_SIZE,
    webhook: { url: v.WEBHOOK_URL, auth: v.WEBHOOK_AUTH },
    secrets: {
      masterKey: v.TESTFLINGER_SECRETS_MASTER_KEY,
      nextMasterKey: v.TESTFLINGER_SECRETS_NEW_MASTER_KEY,
      vault:
        v.TESTFLINGER_VAULT_URL !== undefined && v.TESTFLINGER_VAULT_TOKEN !== undefined
          ? { url: v.TESTFLINGER_VAULT_URL, token: v.TESTFLINGER_VAULT_TOKEN }
          : undefined,
    },
    hostname: env.HOSTNAME,
  };
}

/** A key that stands alone goes on verifying behind a list of newer ones. */
function signingKeysOf({ JWT_SIGNING_KEYS: keys = [], JWT_SIGNING_KEY: key }: Values): Uint8Array[] {
  const isListed = key && keys.some((one) => Buffer.from(one).equals(key));
  return [...keys, ...(key && !isListed ? [key] : [])];
}

function storeOf(v: Values, env: Environment): Config["store"] {
  const { MONGODB_MAX_POOL_SIZE: maxPoolSize, TESTFLINGER_KEY_VAULT_URI: keyVaultUri } = v;
  if (v.MONGODB_URI !== undefined) return { kind: "mongo", connection: v.MONGODB_URI, keyVaultUri, maxPoolSize };
  if (v.MONGODB_HOST === undefined || v.MONGODB_DATABASE === undefined)
    return { kind: "sqlite", directory: v.TESTFLINGER_DATA_DIR ?? defaultDataDirectory(env) };
  const connection = {
    host: v.MONGODB_HOST,
    port: v.MONGODB_PORT,
    database: v.MONGODB_DATABASE,
    username: v.MONGODB_USERNAME,
    password: v.MONGODB_PASSWORD,
    authSource: v.MONGODB_AUTH_SOURCE,
  };
  return { kind: "mongo", connection, keyVaultUri, maxPoolSize };
}

/** The XDG base directory for data. */
export function defaultDataDirectory(env: Environment): string {
  if (env.XDG_DATA_HOME?.startsWith("/")) return join(env.XDG_DATA_HOME, "testflinger");
  return env.HOME ? join(env.HOME, ".local", "share", "testflinger") : "testflinger-data";
}
