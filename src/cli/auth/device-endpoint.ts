import { errorOf } from "../api/decode.ts";
import { VpnError } from "../api/errors.ts";
import { path } from "../api/path.ts";
import { printableLine } from "../api/printable.ts";
import type { ServerUrl } from "../api/server-url.ts";
import { isObject, isText } from "../api/shapes.ts";
import type { Answer, Transport } from "../api/transport.ts";
import { type DeviceAuthorization, readDeviceAuthorization } from "./device-authorization.ts";
import { deviceLoginFailed } from "./errors.ts";
import type { ProofKey } from "./pkce.ts";
import { timeoutNamed, type Tokens, tokensIn } from "./token-endpoint.ts";

/** Answers of a server that has no device login: it is switched off, or the server is older than it (W13). */
const NO_DEVICE_LOGIN = new Set([404, 405, 501]);

/** What came of one question whether the person is done (cli section 5.8). Times are in milliseconds. */
export type PollOutcome =
  | { readonly kind: "tokens"; readonly tokens: Tokens }
  | { readonly kind: "pending" }
  | { readonly kind: "slow-down"; readonly byMs: number }
  /** The server or the way to it has a problem that may pass. */
  | { readonly kind: "trouble"; readonly retryAfterMs: number };

const SLOW_DOWN_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 600;

/** The device login routes of the server (auth section 5). */
export class DeviceEndpoint {
  constructor(
    private readonly transport: Transport,
    private readonly server: ServerUrl,
  ) {}

  /**
   * Starts a login.
   *
   * @returns undefined when the server has no device login
   * @throws {AuthenticationError} when it cannot be started, {VpnError} for the VPN page
   * @throws {NetworkError} after a timeout, {ConnectionFailure} without a connection
   */
  async authorize(proof?: ProofKey): Promise<DeviceAuthorization | undefined> {
    const { answer, body } = await this.#post("/oidc/auth-init", proof && { code_challenge: proof.challenge }).catch(
      (error: unknown) => Promise.reject(timeoutNamed(error, "initiating OIDC login")),
    );
    if (NO_DEVICE_LOGIN.has(answer.status)) return undefined;
    if (answer.status === 200) return readDeviceAuthorization(body);
    const error = errorOf(answer.status, body);
    if (error instanceof VpnError) throw error;
    const reason = printableLine(error.message).slice(0, 200);
    throw deviceLoginFailed(`Failed to initiate OIDC login: [${answer.status}] ${reason}`, error);
  }

  /**
   * Asks whether the person is done.
   *
   * @throws {AuthenticationError} when the login has failed for good
   * @throws {ConnectionFailure} when there is no answer
   */
  async poll(requestId: string, proof?: ProofKey): Promise<PollOutcome> {
    const target = path`/oidc/auth-poll/${requestId}`;
    const { answer, body } = await this.#post(target, proof && { code_verifier: proof.verifier });
    return outcomeOf(answer, body);
  }

  async #post(target: string, value: object | undefined): Promise<{ answer: Answer; body: string }> {
    const answer = await this.transport.send({
      method: "POST",
      url: this.server.base + target,
      sameOrigin: true,
      // Seconds lie between two questions: a shared connection may be closed by then, and the question would be lost.
      ownConnection: true,
      ...(value && { headers: { "Content-Type": "application/json" }, body: () => JSON.stringify(value) }),
    });
    return { answer, body: await answer.text() };
  }
}

function outcomeOf({ status, headers }: Answer, body: string): PollOutcome {
  const retryAfter = integerIn(headers.get("retry-after"));
  const value = valueOf(body);
  if (status === 200 && isObject(value)) return { kind: "tokens", tokens: tokensIn(body) };
  if (!isObject(value) || status < 400) return { kind: "trouble", retryAfterMs: (retryAfter ?? 0) * 1000 };
  switch (value.error) {
    case "authorization_pending":
      return { kind: "pending" };
    case "slow_down":
      return { kind: "slow-down", byMs: (retryAfter ?? SLOW_DOWN_SECONDS) * 1000 };
    case "access_denied":
      throw deviceLoginFailed("Authentication failed: access denied");
    case "expired_token":
      throw deviceLoginExpired();
  }
  // Errors of a gateway, and of the server when it cannot reach the identity provider: the login is still open.
  if (!isText(value.error) && (status >= 500 || status === 429)) {
    return { kind: "trouble", retryAfterMs: (retryAfter ?? 0) * 1000 };
  }
  const reason = [value.error, value.message].find(isText) ?? `status ${status}`;
  throw deviceLoginFailed(`Unexpected error during OIDC authentication: ${printableLine(reason).slice(0, 200)}`);
}

export const deviceLoginExpired = () => deviceLoginFailed("Authentication timed out. Please try again.");

function integerIn(text: string | null): number | undefined {
  return text !== null && /^\d{1,6}$/.test(text) ? Math.min(Number(text), LONGEST_RETRY_SECONDS) : undefined;
}

function valueOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
