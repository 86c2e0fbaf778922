import { RateLimit } from "../http/rate-limit.ts";
import type { Route } from "../http/route.ts";
import type { Logger } from "../log/logger.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Store } from "../store/store.ts";
import type { TokenIssuer } from "../tokens/issuer.ts";
import type { RandomBytes } from "../tokens/random.ts";
import { boundedFetch, type Fetch } from "./bounded-fetch.ts";
import { IdentityProvider } from "./provider.ts";
import { deviceLoginRoutes } from "./routes.ts";
import { Seal } from "./seal.ts";
import { DeviceLoginService } from "./service.ts";

/** Logins that an address may begin per minute, unless told otherwise; whole companies may sit behind one address. */
const LOGINS_PER_MINUTE = 120;

export interface DeviceLoginOptions {
  provider: {
    issuer: string;
    clientId: string;
    /** Absent: a public client. */
    clientSecret?: string;
    requireVerifiedEmail: boolean;
  };
  /** Of this deployment, the same for all its servers: seals what the database keeps of a login. */
  secret: Uint8Array;
  store: Pick<Store, "clients" | "deviceLogins">;
  issuer: TokenIssuer;
  events: SecurityEvents;
  log: Logger;
  /** Reaches the provider; Bun's own honours HTTP_PROXY, HTTPS_PROXY and NO_PROXY. */
  fetch: Fetch;
  random: RandomBytes;
  now: () => Date;
  /** Milliseconds that the provider gets for each call. */
  providerTimeLimit?: number;
  loginsPerMinute?: number;
}

/** The routes of the device flow with all that they need. */
export function deviceLogins(options: DeviceLoginOptions): Route[] {
  const {
    provider,
    secret,
    log,
    now,
    fetch,
    providerTimeLimit,
    loginsPerMinute = LOGINS_PER_MINUTE,
    ...shared
  } = options;
  const identityProvider = new IdentityProvider({ ...provider, fetch: boundedFetch(fetch, providerTimeLimit), now });
  if (identityProvider.discovery.forgeable)
    log.warn(
      "OIDC_PROVIDER_ISSUER is a plain http URL: whoever sits between this server and the provider can log in as anybody",
      {
        issuer: identityProvider.discovery.issuer.origin,
      },
    );
  return deviceLoginRoutes(
    new DeviceLoginService({
      ...shared,
      provider: identityProvider,
      seal: new Seal(secret, "testflinger device login"),
      rate: new RateLimit({ limit: loginsPerMinute, window: 60_000, now }),
      log,
      now,
    }),
  );
}
