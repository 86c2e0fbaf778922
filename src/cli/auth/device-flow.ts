import { ConnectionFailure } from "../api/errors.ts";
import { jittered } from "../api/jitter.ts";
import type { Context } from "../context.ts";
import { deviceLoginExpired, type DeviceEndpoint, type PollOutcome } from "./device-endpoint.ts";
import { promptForDeviceLogin } from "./device-prompt.ts";
import type { LoginStore, StoredLogin } from "./login-store.ts";
import type { ProofKey } from "./pkce.ts";
import type { Tokens } from "./token-endpoint.ts";

/** How a device login ended: here, or in another process whose login can be used. */
export type DeviceLogin =
  { readonly kind: "tokens"; readonly tokens: Tokens } | { readonly kind: "elsewhere"; readonly login: StoredLogin };

/** How often the stored login is looked at while waiting. */
const WATCH_MS = 250;
/** The longest pause between two attempts while the server is in trouble. */
const LONGEST_PAUSE_MS = 60_000;

export interface DeviceFlow {
  readonly context: Context;
  readonly endpoint: DeviceEndpoint;
  readonly store: LoginStore;
  /** Sent along when the server checks it. */
  readonly proof: ProofKey | undefined;
  /** May a browser be opened? */
  readonly browser: boolean;
}

/**
 * Logs a person in through their browser (RFC 8628, proxied by the server; cli section 5.8).
 *
 * @returns undefined when the server has no device login
 * @throws {AuthenticationError} when the person refuses or does not come in time, and as `DeviceEndpoint`
 */
export async function logInByDevice({
  context,
  endpoint,
  store,
  proof,
  browser,
}: DeviceFlow): Promise<DeviceLogin | undefined> {
  const { clock, random } = context;
  const authorization = await endpoint.authorize(proof);
  if (!authorization) return undefined;
  const deadline = clock.elapsed() + authorization.lifetimeMs;
  const before = store.read()?.refreshToken;
  await promptForDeviceLogin(authorization, context, { browser });

  let intervalMs = authorization.intervalMs;
  let troubles = 0;
  let pauseMs = intervalMs;
  for (;;) {
    const login = await loginElsewhere(store, before, clock, Math.min(clock.elapsed() + pauseMs, deadline));
    if (login) return { kind: "elsewhere", login };
    if (clock.elapsed() >= deadline) throw deviceLoginExpired();
    const outcome = await askOnce(endpoint, authorization.requestId, proof);
    if (outcome.kind === "tokens") return outcome;
    if (outcome.kind === "slow-down") intervalMs += outcome.byMs;
    // RFC 8628 section 3.5 wants exponential back-off while there is no answer.
    troubles = outcome.kind === "trouble" ? troubles + 1 : 0;
    pauseMs = intervalMs;
    if (outcome.kind === "trouble") {
      const longer = jittered(Math.min(intervalMs * 2 ** troubles, LONGEST_PAUSE_MS), random);
      pauseMs = Math.max(intervalMs, longer, outcome.retryAfterMs);
    }
  }
}

/** Waits until `until`, or until another process has stored a login. */
async function loginElsewhere(
  store: LoginStore,
  before: string | undefined,
  clock: Context["clock"],
  until: number,
): Promise<StoredLogin | undefined> {
  for (let left = until - clock.elapsed(); left > 0; left = until - clock.elapsed()) {
    await clock.sleep(Math.min(left, WATCH_MS));
    const login = readable(store);
    if (login && login.refreshToken !== before) return login;
  }
  return undefined;
}

/** The reference writes the file in place: seen half-way, it may be broken for a moment. */
function readable(store: LoginStore): StoredLogin | undefined {
  try {
    return store.read();
  } catch {
    return undefined;
  }
}

async function askOnce(endpoint: DeviceEndpoint, requestId: string, proof?: ProofKey): Promise<PollOutcome> {
  try {
    return await endpoint.poll(requestId, proof);
  } catch (error) {
    if (error instanceof ConnectionFailure) return { kind: "trouble", retryAfterMs: 0 };
    throw error;
  }
}
