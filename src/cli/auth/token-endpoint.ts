import { errorOf } from "../api/decode.ts";
import { ConnectionFailure, HttpError, NetworkError, UnexpectedAnswer } from "../api/errors.ts";
import type { ServerUrl } from "../api/server-url.ts";
import { isObject, isText } from "../api/shapes.ts";
import type { Answer, Exchange, Transport } from "../api/transport.ts";
import { accessForbidden, AuthenticationError, credentialsRejected } from "./errors.ts";

/** What the server hands out (RFC 6749 section 5.1). */
export interface Tokens {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
}

/** Who asks, and how. */
export interface Credentials {
  readonly clientId: string;
  readonly secretKey: string;
}

/** What a loopback login ends with (RFC 6749 section 4.1.3, RFC 7636). */
export interface CodeRedemption {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
}

/** The routes of the server that give tokens (cli sections 5.4 and 5.5). */
export class TokenEndpoint {
  constructor(
    private readonly transport: Transport,
    private readonly server: ServerUrl,
  ) {}

  /**
   * Exchanges a client id and its secret for tokens.
   *
   * @throws {AuthenticationError} when the server gives none, whatever the reason (W14)
   * @throws {NetworkError} after a timeout, {ConnectionFailure} without a connection
   */
  async exchange(credentials: Credentials): Promise<Tokens> {
    const { answer, body } = await this.#post(
      "/v1/oauth2/token",
      { headers: { Authorization: basicOf(credentials) } },
      "authenticating with basic",
    );
    if (answer.status !== 200) throw refusal(answer, body, "exchange your client id and secret key for a token");
    return tokensIn(body);
  }

  /**
   * Gets a new access token for a refresh token; with `rotate`, also the refresh token that replaces it.
   *
   * @returns undefined when the refresh token is worthless
   * @throws as `exchange`
   */
  async refresh(refreshToken: string, { rotate }: { rotate: boolean }): Promise<Tokens | undefined> {
    const json = JSON.stringify({ refresh_token: refreshToken, ...(rotate && { rotate: true }) });
    const { answer, body } = await this.#post(
      "/v1/oauth2/refresh",
      { headers: { "Content-Type": "application/json" }, body: () => json },
      "refreshing authentication token",
    );
    if (answer.status === 400) return undefined;
    if (answer.status !== 200) throw refusal(answer, body, "renew your login, which is kept");
    return tokensIn(body);
  }

  /**
   * Exchanges a code of a loopback login for tokens.
   *
   * @throws as `exchange`
   */
  async redeem({ code, verifier, redirectUri }: CodeRedemption): Promise<Tokens> {
    const json = JSON.stringify({ code, code_verifier: verifier, redirect_uri: redirectUri });
    const { answer, body } = await this.#post(
      "/v1/oauth2/code",
      { headers: { "Content-Type": "application/json" }, body: () => json },
      "finishing the login",
    );
    if (answer.status !== 200) throw refusal(answer, body, "finish the login");
    return tokensIn(body);
  }

  async #post(path: string, exchange: Pick<Exchange, "headers" | "body">, doing: string) {
    try {
      const url = this.server.base + path;
      const answer = await this.transport.send({ ...exchange, method: "POST", url, sameOrigin: true });
      return { answer, body: await answer.text() };
    } catch (error) {
      throw timeoutNamed(error, doing);
    }
  }
}

/** Credentials as a header (RFC 7617). */
export const basicOf = ({ clientId, secretKey }: Credentials): string =>
  `Basic ${Buffer.from(`${clientId}:${secretKey}`, "utf8").toString("base64")}`;

/** Turns the timeout of an authentication request into the fatal error that names what was going on (cli section 4.3). */
export function timeoutNamed(error: unknown, doing: string): unknown {
  if (!(error instanceof ConnectionFailure) || error.kind !== "timeout") return error;
  return new NetworkError(`The request timed out while ${doing}. Try again later.`, 1, { cause: error });
}

/** @throws {UnexpectedAnswer} when there is no access token in the answer */
export function tokensIn(body: string): Tokens {
  const value = valueOf(body);
  if (!isObject(value) || !isToken(value.access_token)) {
    throw new UnexpectedAnswer("The server answered the login with something that is no token");
  }
  const { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn } = value;
  return {
    accessToken,
    refreshToken: isToken(refreshToken) ? refreshToken : undefined,
    expiresIn: typeof expiresIn === "number" && expiresIn > 0 ? expiresIn : undefined,
  };
}

/** Visible ASCII (RFC 6749 appendix A.12): nothing else may get into a header or a file. */
const isToken = (value: unknown): value is string => isText(value) && /^[\x21-\x7e]+$/.test(value);

function valueOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function refusal({ status }: Answer, body: string, purpose: string): AuthenticationError {
  const error = errorOf(status, body);
  if (status === 401) return credentialsRejected(error);
  if (status === 403) return accessForbidden(error);
  const reason = error instanceof HttpError ? error.message.trim().split("\n")[0]! : error.message;
  return new AuthenticationError(`The server could not ${purpose}: [${status}] ${reason.slice(0, 200)}`, 1, {
    cause: error,
  });
}
