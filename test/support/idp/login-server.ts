import { expect } from "bun:test";
import { Gate } from "../../../src/server/http/authenticate.ts";
import { router } from "../../../src/server/http/router.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { securityEvents } from "../../../src/server/log/security-events.ts";
import type { Fetch } from "../../../src/server/oidc/bounded-fetch.ts";
import { deviceLogins } from "../../../src/server/oidc/device-logins.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { AccessTokens } from "../../../src/server/tokens/access-token.ts";
import { TokenIssuer, type TokenPair } from "../../../src/server/tokens/issuer.ts";

export interface LoginServerOptions {
  store: Pick<Store, "clients" | "deviceLogins" | "refreshTokens">;
  issuer: string;
  clientId?: string;
  clientSecret?: string;
  requireVerifiedEmail?: boolean;
  fetch: Fetch;
  now: () => Date;
  secret?: string;
  providerTimeLimit?: number;
  loginsPerMinute?: number;
}

export interface Begun {
  readonly request_id: string;
  readonly user_code: string;
  readonly verification_uri: string;
  readonly verification_uri_complete?: string;
}

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));

/** One server process with nothing but the device flow, without a socket. */
export class LoginServer {
  /** Log lines and security events so far. */
  readonly lines: string[] = [];
  readonly accessTokens: AccessTokens;
  private readonly app: ReturnType<typeof router>;

  constructor(private readonly options: LoginServerOptions) {
    const { now, store, issuer, clientId = "testflinger-client", clientSecret, requireVerifiedEmail = false } = options;
    const write = (line: string) => void this.lines.push(line);
    const log = jsonLogger(write, now);
    const events = securityEvents(write, now, "host");
    this.accessTokens = new AccessTokens({ key: random(32), leeway: 5, now });
    const routes = deviceLogins({
      provider: { issuer, clientId, clientSecret, requireVerifiedEmail },
      secret: new TextEncoder().encode(options.secret ?? "a server secret for tests"),
      store,
      issuer: new TokenIssuer({ accessTokens: this.accessTokens, refreshTokens: store.refreshTokens, random, now }),
      events,
      log,
      fetch: options.fetch,
      random,
      now,
      providerTimeLimit: options.providerTimeLimit,
      loginsPerMinute: options.loginsPerMinute,
    });
    this.app = router(routes, {
      gate: new Gate({ accessTokens: this.accessTokens, oidc: true, events }),
      log,
      contextOf: ({ method, url }) => ({
        requestId: "request",
        method,
        path: new URL(url).pathname,
        sourceAddress: "192.0.2.1",
        host: "localhost",
        protocol: "http",
        port: 5000,
      }),
    });
  }

  /** Another process of the same deployment. */
  replica(): LoginServer {
    return new LoginServer(this.options);
  }

  async send(path: string, init: RequestInit = {}): Promise<Response> {
    return this.app.handle(new Request(`http://localhost${path}`, { method: "POST", ...init }));
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

  /** Names of the security events so far, with their arguments. */
  events(): string[] {
    return this.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
  }
}
