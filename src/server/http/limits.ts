import type { SecurityEvents } from "../log/security-events.ts";
import type { AttemptStore } from "../store/attempts.ts";
import { AttemptLimit } from "./attempt-limit.ts";

/** How many attempts are allowed in five minutes; 0: as many as they like. */
export interface LimitSettings {
  /** Failed logins with a password. */
  readonly tokenByAddress: number;
  readonly tokenByClient: number;
  /** Refused refresh tokens. */
  readonly refreshByAddress: number;
  readonly refreshByClient: number;
  /** Device logins that are begun: each is a call to the provider. */
  readonly authInit: number;
  /** Polls of unknown device logins. */
  readonly authPoll: number;
  /** Failed logins in browsers. */
  readonly login: number;
}

export type Limits = { readonly [Name in keyof LimitSettings]: AttemptLimit };

const FAILURES = {
  tokenByAddress: ["token by address", "Too many logins have failed from this address."],
  tokenByClient: ["token by client", "Too many logins of this client have failed."],
  refreshByAddress: ["refresh by address", "Too many refresh tokens from this address were refused."],
  refreshByClient: ["refresh by client", "Too many refresh tokens of this client were refused."],
  authPoll: ["auth-poll by address", "Too many polls from this address were for no login."],
  login: ["browser login by address", "Too many logins have failed from this address."],
} as const;

/** The limits of everything that proves who somebody is. */
export function limits(
  settings: LimitSettings,
  { events, ...shared }: { attempts: AttemptStore; events: SecurityEvents; now: () => Date },
): Limits {
  const failures = (field: keyof typeof FAILURES, locks?: true) => {
    const [name, message] = FAILURES[field];
    return new AttemptLimit({
      ...shared,
      name,
      message,
      limit: settings[field],
      report: { name: "authn_login_fail_max", locks, events },
    });
  };
  return {
    tokenByAddress: failures("tokenByAddress"),
    tokenByClient: failures("tokenByClient", true),
    refreshByAddress: failures("refreshByAddress"),
    refreshByClient: failures("refreshByClient", true),
    authPoll: failures("authPoll"),
    login: failures("login"),
    authInit: new AttemptLimit({
      ...shared,
      name: "auth-init by address",
      message: "Too many logins were begun from this address.",
      limit: settings.authInit,
      report: { name: "excess_rate_limit_exceeded", events },
    }),
  };
}
