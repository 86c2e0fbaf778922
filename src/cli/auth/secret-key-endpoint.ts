import { errorOf } from "../api/decode.ts";
import { HttpError } from "../api/errors.ts";
import type { ServerUrl } from "../api/server-url.ts";
import type { Transport } from "../api/transport.ts";
import { CliError } from "../errors.ts";
import { accessForbidden, AuthenticationError } from "./errors.ts";
import { type Credentials, basicOf, timeoutNamed } from "./token-endpoint.ts";

/** Where a client gives itself another secret key; only for servers that list the feature `own-secret` (design section 4). */
export class SecretKeyEndpoint {
  constructor(
    private readonly transport: Transport,
    private readonly server: ServerUrl,
  ) {}

  /**
   * Changes the secret key; the present one proves who asks.
   *
   * @throws {AuthenticationError} when the server does not know client id and secret key
   * @throws {CliError} when it refuses the new one
   * @throws {NetworkError} after a timeout, {ConnectionFailure} without a connection: the key may be another one now
   */
  async change(present: Credentials, secretKey: string): Promise<void> {
    const json = JSON.stringify({ client_secret: secretKey });
    const { status, body } = await this.#post(basicOf(present), json);
    if (status === 200) return;
    const error = errorOf(status, body);
    if (status === 401)
      throw new AuthenticationError(
        "The server does not accept this client id and secret key. Who logs in through a browser has no secret key.",
        1,
        { cause: error },
      );
    if (status === 403) throw accessForbidden(error);
    if (!(error instanceof HttpError)) throw error;
    throw new CliError(`Error changing the secret key: [${status}] ${error.message}`, 1, { cause: error });
  }

  async #post(authorization: string, json: string): Promise<{ status: number; body: string }> {
    try {
      const answer = await this.transport.send({
        // No PUT: those are sent again when a connection breaks, but the first may have made the present key worthless.
        method: "POST",
        url: `${this.server.base}/v1/oauth2/secret`,
        headers: { Authorization: authorization, "Content-Type": "application/json" },
        body: () => json,
        sameOrigin: true,
      });
      return { status: answer.status, body: await answer.text() };
    } catch (error) {
      throw timeoutNamed(error, "changing the secret key");
    }
  }
}
