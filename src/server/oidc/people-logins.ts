import type { Limits } from "../http/limits.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Route } from "../http/route.ts";
import type { Logger } from "../log/logger.ts";
import { Codes } from "../loopback/codes.ts";
import { loopbackLoginRoutes } from "../loopback/routes.ts";
import { LoopbackLogin } from "../loopback/service.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import { BrowserSessions, type SessionLimits } from "../sessions/browser-sessions.ts";
import type { Store } from "../store/store.ts";
import type { TokenIssuer } from "../tokens/issuer.ts";
import type { RandomBytes } from "../tokens/random.ts";
import { Admission } from "./admission.ts";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { BrowserLogin } from "./browser-login.ts";
import { browserLoginRoutes } from "./browser-login-routes.ts";
import { PendingLogins } from "./pending-logins.ts";
import { IdentityProvider } from "./provider.ts";
import type { RoleMapping } from "./role-mapping.ts";
import { deviceLoginRoutes } from "./routes.ts";
import { Seal } from "./seal.ts";
import { DeviceLoginService } from "./service.ts";

export interface PeopleLoginOptions {
  provider: {
    issuer: string;
    clientId: string;
    /** Absent: a public client. */
    clientSecret?: string;
    requireVerifiedEmail: boolean;
    /** Absent: roles are given here, by hand. */
    roles?: RoleMapping;
    /** The claim with a person's groups; absent: nobody is in one. */
    groupsClaim?: string;
    /** Does it know this server's home page as a place to return to after a logout? */
    returnFromLogout: boolean;
  };
  browser: {
    /** Another one ends all sessions in browsers. */
    secretKey: string;
    sessions: SessionLimits;
  };
  /** Of this deployment, the same for all its servers: they seal what the database and browsers keep of a login. The first seals, all open. */
  secrets: readonly Uint8Array[];
  store: Pick<Store, "clients" | "deviceLogins" | "browserSessions" | "refreshTokens" | "attempts">;
  issuer: TokenIssuer;
  events: SecurityEvents;
  log: Logger;
  /** Reaches the provider; Bun's own honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  fetch: Fetch;
  random: RandomBytes;
  now: () => Date;
  contextOf: (request: Request) => RequestContext;
  /** Milliseconds that the provider gets for each call. */
  providerTimeLimit?: number;
  limits: Pick<Limits, "authInit" | "authPoll" | "login">;
}

/** Logins at the identity provider, by device and by browser. */
export interface PeopleLogins {
  readonly routes: Route[];
  readonly sessions: BrowserSessions;
}

export function peopleLogins(options: PeopleLoginOptions): PeopleLogins {
  const { provider: settings, browser, secrets, store, log, now, fetch, contextOf, events, random } = options;
  const bounded = boundedFetch(fetch, options.providerTimeLimit);
  const provider = new IdentityProvider({ ...settings, fetch: bounded, now });
  warnOfForgeableIssuer(provider, log);
  const admission = new Admission({ provider, clients: store.clients, events, now });
  const seal = new Seal(secrets, "testflinger browser login");
  const sessions = new BrowserSessions({
    store,
    secret: browser.secretKey,
    seal,
    limits: browser.sessions,
    events,
    random,
    now,
    contextOf,
  });
  const browserLogin = new BrowserLogin({
    provider,
    admission,
    sessions,
    pending: new PendingLogins(seal, now),
    failures: options.limits.login,
    events,
    random,
    returnFromLogout: settings.returnFromLogout,
  });
  const deviceLogin = new DeviceLoginService({
    store,
    provider,
    admission,
    issuer: options.issuer,
    seal: new Seal(secrets, "testflinger device login"),
    limits: options.limits,
    events,
    log,
    random,
    now,
  });
  const loopbackLogin = new LoopbackLogin({
    codes: new Codes({ seal: new Seal(secrets, "testflinger loopback login"), attempts: store.attempts, now }),
    store,
    issuer: options.issuer,
    failures: options.limits.login,
    events,
    now,
  });
  const routes = [
    ...deviceLoginRoutes(deviceLogin),
    ...browserLoginRoutes(browserLogin, log),
    ...loopbackLoginRoutes(loopbackLogin, sessions, log),
  ];
  return { routes, sessions };
}

function warnOfForgeableIssuer({ discovery }: IdentityProvider, log: Logger): void {
  if (!discovery.forgeable) return;
  log.warn(
    "OIDC_PROVIDER_ISSUER is a plain http URL: whoever sits between this server and the provider can log in as anybody",
    { issuer: discovery.issuer.origin },
  );
}
