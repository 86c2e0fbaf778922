import { expect } from "bun:test";
import { ANONYMOUS } from "../../../src/server/http/caller.ts";
import { limits, type LimitSettings } from "../../../src/server/http/limits.ts";
import { Arrival } from "../../../src/server/http/arrival.ts";
import { router } from "../../../src/server/http/router.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { securityEvents } from "../../../src/server/log/security-events.ts";
import type { Fetch } from "../../../src/server/oidc/bounded-fetch.ts";
import type { RoleMapping } from "../../../src/server/oidc/role-mapping.ts";
import { peopleLogins } from "../../../src/server/oidc/people-logins.ts";
import type { BrowserSessions } from "../../../src/server/sessions/browser-sessions.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { AccessTokens } from "../../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../../src/server/tokens/signing-keys.ts";
import { TokenIssuer, type TokenPair } from "../../../src/server/tokens/issuer.ts";
import { Traffic } from "../credentials/traffic.ts";
import type { CredentialWatch } from "../credentials/watch.ts";

export interface LoginServerOptions {
  /** Sees every credential that goes in and out. */
  watch: CredentialWatch;
  store: Pick<Store, "clients" | "deviceLogins" | "browserSessions" | "refreshTokens" | "attempts">;
  issuer: string;
  clientId?: string;
  clientSecret?: string;
  requireVerifiedEmail?: boolean;
  returnFromLogout?: boolean;
  roles?: RoleMapping;
  groupsClaim?: string;
  fetch: Fetch;
  now: () => Date;
  secret?: string;
  providerTimeLimit?: number;
  limits?: Partial<LimitSettings>;
  /** Of browser logins. */
  webSecretKey?: string;
  /** Where browsers reach the server. */
  origin?: string;
}

export interface Begun {
  readonly request_id: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

const NO_LIMITS: LimitSettings = {
  tokenByAddress: 0,
  tokenByClient: 0,
  refreshByAddress: 0,
  refreshByClient: 0,
  authInit: 0,
  authPoll: 0,
  login: 0,
};

/** Seconds that browser logins last here. */
export const SESSION_IDLE = 3600;
export const SESSION_ABSOLUTE = 86_400;

/** One server process with nothing but the logins of people, without a socket. */
export class LoginServer {
  /** Log lines and security events so far. */
  readonly lines: string[] = [];
  readonly accessTokens: AccessTokens;
  readonly sessions: BrowserSessions;
  private readonly traffic: Traffic;
  private readonly app: ReturnType<typeof router>;

  constructor(private readonly options: LoginServerOptions) {
    const { now, store, issuer, clientId = "testflinger-client", clientSecret } = options;
    const { requireVerifiedEmail = false, returnFromLogout = false } = options;
    const { watch } = options;
    watch.configured({ OIDC_CLIENT_SECRET: clientSecret, WEB_SECRET_KEY: options.webSecretKey });
    this.traffic = new Traffic(watch);
    const write = (line: string) => {
      this.lines.push(line);
      watch.log(line);
    };
    const log = jsonLogger(write, now);
    const events = securityEvents(write, now, "host");
    this.accessTokens = new AccessTokens({ keys: new SigningKeys([random(32)]), leeway: 5, now });
    const people = peopleLogins({
      provider: {
        issuer,
        clientId,
        clientSecret,
        requireVerifiedEmail,
        roles: options.roles,
        groupsClaim: options.groupsClaim,
        returnFromLogout,
      },
      browser: {
        secretKey: options.webSecretKey ?? "a key for browser logins",
        sessions: { idle: SESSION_IDLE, absolute: SESSION_ABSOLUTE },
      },
      secrets: [new TextEncoder().encode(options.secret ?? "a server secret for tests")],
      store,
      issuer: new TokenIssuer({
        accessTokens: this.accessTokens,
        refreshTokens: store.refreshTokens,
        clients: store.clients,
        random,
        now,
      }),
      events,
      log,
      fetch: this.traffic.out(options.fetch),
      random,
      now,
      contextOf: this.contextOf,
      providerTimeLimit: options.providerTimeLimit,
      limits: limits({ ...NO_LIMITS, ...options.limits }, { attempts: store.attempts, events, now }),
    });
    this.sessions = people.sessions;
    this.app = router(people.routes, {
      // All routes of logins are open.
      gate: { admit: async () => ANONYMOUS },
      log,
      contextOf: this.contextOf,
    });
  }

  /** Another process of the same deployment. */
  replica(differing: Partial<LoginServerOptions> = {}): LoginServer {
    return new LoginServer({ ...this.options, ...differing });
  }

  /** Where browsers reach it. */
  get origin(): string {
    return this.options.origin ?? "http://localhost";
  }

  readonly serve = (request: Request): Promise<Response> =>
    this.traffic.through(async (incoming) => this.app.handle(incoming))(request);

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    return this.serve(new Request(`http://localhost${path}`, { method: "POST", ...init }));
  }

  /** POSTs JSON, or nothing. */
  post(path: string, body?: unknown): Promise<Response> {
    const headers = { "content-type": "application/json" };
    return this.send(path, body === undefined ? {} : { body: JSON.stringify(body), headers });
  }

  /** Begins a login that must succeed. */
  async begin(body?: unknown): Promise<Begun> {
    const response = await this.post("/oidc/auth-init", body);
    expect(response.status).toBe(200);
    return response.json() as Promise<Begun>;
  }

  poll(requestId: string, body?: unknown): Promise<Response> {
    return this.post(`/oidc/auth-poll/${requestId}`, body);
  }

  /** Polls a login that must have succeeded. */
  async finish(requestId: string, body?: unknown): Promise<TokenPair> {
    const response = await this.poll(requestId, body);
    const answer = await response.json();
    expect({ status: response.status, answer }).toMatchObject({ status: 200 });
    return answer as TokenPair;
  }

  private readonly contextOf = ({ method, url }: Request): Arrival => {
    const { host } = new URL(this.origin);
    const { pathname } = new URL(url);
    const received = new Request(new URL(pathname, this.origin), { method, headers: { host } });
    const peers = { requestIP: () => ({ address: "192.0.2.1", family: "IPv4", port: 50_000 }) as const };
    return new Arrival("request", pathname, received, peers, { proxyFix: false, port: 5000 });
  };

  /** Names of the security events so far, with their arguments. */
  events(): string[] {
    return this.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
  }
}
