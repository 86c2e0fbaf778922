import { isHost } from "./http/hosts.ts";
import { PERSON_ROLES, type PersonRole } from "./oidc/role-mapping.ts";

/** One environment variable: what it means, what holds without it, and how its text is read. */
export interface Setting<T> {
  readonly help: string;
  /** The default as `--help` shows it; empty when nothing holds without the variable. */
  readonly shown: string;
  /** Throws an Error whose message says what a good value looks like. */
  readonly read: (text: string | undefined) => T;
}

/** @param shown what holds instead, where that is not said by one value */
const optional = <T>(help: string, parse: (text: string) => T, shown = ""): Setting<T | undefined> => ({
  help,
  shown,
  read: (value) => (value === undefined ? undefined : parse(value)),
});

const withDefault = <T>(
  fallback: T,
  help: string,
  parse: (text: string) => T,
  shown = String(fallback),
): Setting<T> => ({
  help,
  shown,
  read: (value) => (value === undefined ? fallback : parse(value)),
});

const whole =
  (minimum: number, maximum: number) =>
  (value: string): number => {
    const number = Number(value);
    if (!/^\d+$/.test(value.trim()) || number < minimum || number > maximum)
      throw new Error(`must be a whole number from ${minimum} to ${maximum}`);
    return number;
  };

const truth = (value: string): boolean => {
  if (/^(true|1|yes|on)$/i.test(value)) return true;
  if (/^(false|0|no|off)$/i.test(value)) return false;
  throw new Error("must be true or false");
};

const word =
  <const Words extends readonly string[]>(words: Words) =>
  (value: string): Words[number] => {
    if (!words.includes(value)) throw new Error(`must be ${words.join(" or ")}`);
    return value;
  };

const hosts = (value: string): string[] =>
  value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((host) => {
      if (!isHost(host.replace(/^\*\./, "")))
        throw new Error(`must be host names with commas between; '${host}' is none`);
      return host;
    });

const httpUrl = (value: string): string => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw new Error("must be a URL that begins with http:// or https://");
  return value;
};

const UNITS: Record<string, number> = { "": 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };
const size = (value: string): number => {
  const match = /^(\d+)\s*(KiB|MiB|GiB|TiB|)$/.exec(value.trim());
  if (!match) throw new Error("must be a number of bytes, or one with KiB, MiB, GiB or TiB");
  return Number(match[1]) * (UNITS[match[2] as string] as number);
};

const key = (value: string): Uint8Array => {
  const bytes = new TextEncoder().encode(value);
  if (bytes.length < 32) throw new Error("must be at least 32 bytes long. Make one with: openssl rand -base64 48");
  return bytes;
};

const keys = (value: string): Uint8Array[] =>
  value
    .split(/[\s,]+/)
    .filter(Boolean)
    .map(key);

/** JSON is for values that hold commas, as names of directories do. */
const roleMap = (value: string): Record<string, PersonRole> => {
  const entries = value.trimStart().startsWith("{") ? Object.entries(parsedObject(value)) : value.split(",").map(pair);
  if (entries.length === 0) throw new Error("must name at least one value and its role");
  return Object.fromEntries(
    entries.map(([name, role]) => {
      const known = PERSON_ROLES.find((one) => one === role);
      if (!known || name === "") throw new Error(`must give each value one of the roles ${PERSON_ROLES.join(", ")}`);
      return [name, known];
    }),
  );
};

const pair = (text: string): [string, string] => {
  const at = text.lastIndexOf("=");
  return [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
};

const parsedObject = (text: string): Record<string, unknown> => {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Error("must be VALUE=ROLE pairs with commas between, or a JSON object");
  }
};

const masterKey = (value: string): Uint8Array => {
  const bytes = Buffer.from(value, "base64");
  if (bytes.length !== 96 || bytes.toString("base64") !== value)
    throw new Error("must be base64 of 96 bytes. Make one with: openssl rand -base64 96 | tr -d '\\n'");
  return bytes;
};

const limit = (fallback: number, what: string): Setting<number> =>
  withDefault(fallback, `${what} within five minutes; 0 for no limit`, whole(0, 1_000_000));

const days = whole(1, 36_500);
const port = whole(0, 65_535);
const plain = (value: string): string => value;

/** Every variable the server reads, in the order in which `--help` lists them (config section 1). An empty value counts as unset. */
export const SETTINGS = {
  HOST: withDefault("127.0.0.1", "address to listen on; 0.0.0.0 for all", plain),
  PORT: withDefault(5000, "port to listen on; 0 for any free one", port),
  METRICS_PORT: withDefault(9090, "port of the Prometheus metrics; 0 for none", port),
  ENABLE_PROXYFIX: withDefault(false, "trust the X-Forwarded-* headers of one proxy in front", truth),

  ALLOWED_HOSTS: optional(
    "names by which the server is reached, with commas between, *.example.com for all below; without it any",
    hosts,
  ),

  HSTS_MAX_AGE: withDefault(
    31_536_000,
    "seconds for which browsers that came by https (of the proxy, with ENABLE_PROXYFIX) come to this host by https only, whatever the port; 0 to not ask for it",
    whole(0, 315_360_000),
  ),

  TESTFLINGER_DATA_DIR: optional(
    "folder of the embedded database; used when no MONGODB_* variable is set",
    plain,
    "~/.local/share/testflinger",
  ),
  MONGODB_URI: optional("whole connection URI with the database name; wins over the other MONGODB_* variables", plain),
  MONGODB_HOST: optional("MongoDB server", plain),
  MONGODB_PORT: withDefault(27017, "its port", port),
  MONGODB_DATABASE: optional("database name", plain),
  MONGODB_USERNAME: optional("user name, together with a password", plain),
  MONGODB_PASSWORD: optional("password", plain),
  MONGODB_AUTH_SOURCE: withDefault("admin", "database that knows the user", plain),
  MONGODB_MAX_POOL_SIZE: withDefault(100, "connections at most", whole(1, 100_000)),

  JWT_SIGNING_KEY: optional(
    "key that signs access tokens, at least 32 bytes; with the embedded database one is made and kept if it is missing",
    key,
  ),
  JWT_SIGNING_KEYS: optional(
    "several such keys, separated by commas or blanks; the first signs, all verify, JWT_SIGNING_KEY too",
    keys,
  ),
  JWT_LEEWAY: withDefault(5, "seconds of clock difference that tokens are allowed", whole(0, 3600)),
  LOGIN_MAX_DAYS: withDefault(
    30,
    "days after which a login of the command line ends that is in use; unused it ends after 6 days",
    whole(6, 3650),
  ),

  OIDC_CLIENT_ID: optional(
    "client id at the identity provider; people can log in when this, the issuer and WEB_SECRET_KEY are set",
    plain,
  ),
  OIDC_CLIENT_SECRET: optional("client secret; without it the client is a public one", plain),
  OIDC_PROVIDER_ISSUER: optional("issuer URL of the identity provider", httpUrl),
  OIDC_ROLE_CLAIM: optional(
    "claim that tells a person's groups, with OIDC_ROLE_MAP; roles then follow it with each login",
    plain,
  ),
  OIDC_ROLE_MAP: optional("roles by values of that claim: VALUE=ROLE,VALUE=ROLE, or a JSON object", roleMap),
  OIDC_GROUPS_CLAIM: optional(
    "claim that tells a person's groups, which can own restricted queues as group:NAME; they follow it with each login",
    plain,
  ),
  OIDC_LOGOUT_RETURN: withDefault(
    false,
    "the provider sends people back after a logout; this server's home page has to be registered there",
    truth,
  ),
  WEB_SECRET_KEY: optional("key for browser logins; a new one ends them all", plain),
  WEB_SESSION_IDLE_HOURS: withDefault(8, "hours without a visit after which a browser login ends", whole(1, 8760)),
  WEB_SESSION_MAX_HOURS: withDefault(168, "hours after which a browser login ends in any case", whole(1, 8760)),
  OIDC_REQUIRE_VERIFIED_EMAIL: withDefault(
    false,
    "refuse people whose e-mail address the provider does not call verified",
    truth,
  ),

  ANONYMOUS_ACCESS: withDefault(
    "submit" as "submit" | "read" | "none",
    "what callers without a token may do where no OIDC_* variable is set: submit and cancel jobs, only read, or none; with OIDC nothing in any case",
    word(["submit", "read", "none"] as const),
  ),

  LIMIT_TOKEN_FAILURES_ADDRESS: limit(300, "failed logins with a secret from one address"),
  LIMIT_TOKEN_FAILURES_CLIENT: limit(100, "failed logins with a secret as one client"),
  LIMIT_REFRESH_FAILURES_ADDRESS: limit(300, "refused refresh tokens from one address"),
  LIMIT_REFRESH_FAILURES_CLIENT: limit(100, "refused refresh tokens of one client"),
  LIMIT_AUTH_INIT_ADDRESS: limit(600, "device logins begun from one address"),
  LIMIT_AUTH_POLL_FAILURES_ADDRESS: limit(300, "polls of unknown device logins from one address"),
  LIMIT_LOGIN_FAILURES_ADDRESS: limit(300, "failed logins in browsers from one address"),

  SECRET_RESETS: withDefault(
    "manager" as "manager" | "admin",
    "admin: managers give new clients a secret, but nobody else's client another one, by which they could act as it",
    word(["manager", "admin"] as const),
  ),
  JOB_OWNERSHIP: withDefault(
    "record" as "record" | "enforce",
    "enforce: only the submitter, managers and admins may cancel a job or upload its attachments",
    word(["record", "enforce"] as const),
  ),
  AGENT_BINDING: withDefault(
    "record" as "record" | "enforce",
    "enforce: a client with allowed agents acts as no other; record: it is only logged when it does",
    word(["record", "enforce"] as const),
  ),
  MAX_ATTACHMENT_SIZE: withDefault(10 * 2 ** 30, "largest upload of a job's attachments", size, "10GiB"),
  MAX_ARTIFACT_SIZE: withDefault(10 * 2 ** 30, "largest upload of a job's artifact", size, "10GiB"),

  WEBHOOK_URL: optional("scheme and host to which job events may be sent", httpUrl),
  WEBHOOK_AUTH: optional("bearer token sent with job events", plain),

  TESTFLINGER_SECRETS_MASTER_KEY: optional("base64 of 96 bytes; keeps secrets in the database, encrypted", masterKey),
  TESTFLINGER_SECRETS_NEW_MASTER_KEY: optional(
    "the key that is to replace it: set for every server while 'admin rotate-secrets-key' runs",
    masterKey,
  ),
  TESTFLINGER_KEY_VAULT_URI: optional(
    "MongoDB server with the data keys of secrets that the Python server has stored, if it is another one",
    plain,
  ),
  TESTFLINGER_VAULT_URL: optional("HashiCorp Vault for the secrets, together with a token", httpUrl),
  TESTFLINGER_VAULT_TOKEN: optional("its token", plain),

  RETENTION_JOBS_DAYS: withDefault(7, "days that an ended job is kept with its logs and files", days),
  RETENTION_AGENTS_DAYS: withDefault(7, "days that an agent or queue is kept after its last report", days),
  RETENTION_TOKENS_DAYS: withDefault(90, "days that an unused refresh token is kept", days),
  RETENTION_PEOPLE_DAYS: withDefault(90, "days that a person is remembered after the last login", days),
} as const satisfies Record<string, Setting<unknown>>;

export type Values = { [Name in keyof typeof SETTINGS]: ReturnType<(typeof SETTINGS)[Name]["read"]> };

/** Reads every variable; all that is wrong is told at once, as `NAME must be …`. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): {
  values: Values;
  problems: string[];
} {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(SETTINGS)) {
    try {
      values[name] = setting.read(env[name] || undefined);
    } catch (error) {
      problems.push(`${name} ${(error as Error).message}`);
    }
  }
  return { values: values as Values, problems };
}
