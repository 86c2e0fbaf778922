import type { Clock, Context } from "../context.ts";
import type { Log } from "../log.ts";
import { BackOff } from "./back-off.ts";
import { errorOf, jsonDocument, type JsonDocument, jsonValue, type Shape } from "./decode.ts";
import { ConnectionFailure, NetworkError } from "./errors.ts";
import { jsonBody } from "./json-body.ts";
import type { ServerUrl } from "./server-url.ts";
import type { Answer, Exchange, Transport } from "./transport.ts";

/** Who the requests are made as. */
export interface Identity {
  /** The access token to send; undefined sends the request anonymously. */
  token(): Promise<string | undefined>;
  /**
   * Called when a request was answered 401.
   *
   * @param rejected the token it carried
   * @returns a token worth another try, or undefined when there is none to be had
   * @throws {AuthenticationError} when the command must end
   */
  renew(rejected: string | undefined): Promise<string | undefined>;
}

export interface Requests {
  readonly server: ServerUrl;
  readonly transport: Transport;
  readonly identity: Identity;
  readonly clock: Clock;
  readonly random: Context["random"];
  readonly log: Log;
  readonly errorThreshold: number;
}

type Verb = "POST" | "PUT" | "DELETE";
export type Upload = Omit<Exchange, "url">;

/**
 * Requests of the API: authenticated, repeated once after a 401, with the failures of cli sections 4.2 to 4.4.
 *
 * Every method throws `HttpError` for a status other than 200, `VpnError` for the VPN page, `AuthenticationError` when
 * nobody can be authenticated, and what is said at the method when there is no answer.
 */
export class Requester {
  readonly clock: Clock;
  readonly random: Context["random"];
  readonly log: Log;
  readonly #backOff: BackOff;

  constructor(private readonly deps: Requests) {
    this.clock = deps.clock;
    this.random = deps.random;
    this.log = deps.log;
    this.#backOff = new BackOff(deps, deps.log, deps.errorThreshold);
  }

  /** @throws {ConnectionFailure} when there is no answer; the next GET then waits for a while */
  async get(target: string, options: Pick<Exchange, "ownConnection"> = {}): Promise<string> {
    await this.#backOff.ready();
    try {
      const answer = await this.#authenticated({ ...options, method: "GET", target });
      const body = await answer.text();
      this.#backOff.succeeded();
      return successful(answer, body);
    } catch (error) {
      if (error instanceof ConnectionFailure) this.#backOff.failed(error);
      throw error;
    }
  }

  /**
   * @throws {ConnectionFailure} as `get`
   * @throws {UnexpectedAnswer} for a 200 answer of another shape
   */
  async getJson<T>(target: string, shape: Shape<T>, options?: Pick<Exchange, "ownConnection">): Promise<T> {
    return jsonValue(await this.get(target, options), `GET ${target}`, shape);
  }

  /** Like `getJson`, without losing digits or the order of keys. */
  async getDocument<T>(target: string, shape: Shape<T>): Promise<JsonDocument<T>> {
    return jsonDocument(await this.get(target), `GET ${target}`, shape);
  }

  /**
   * Sends a change, with a JSON body unless `value` is undefined.
   *
   * @throws {NetworkError} when there is no answer
   */
  async send(verb: Verb, target: string, value?: unknown): Promise<string> {
    const json = value === undefined ? undefined : jsonBody(value);
    const headers = json === undefined ? undefined : { "Content-Type": "application/json" };
    try {
      const answer = await this.#authenticated({ method: verb, target, headers, body: json ? () => json : undefined });
      return successful(answer, await answer.text());
    } catch (error) {
      if (error instanceof ConnectionFailure) throw networkError(error);
      throw error;
    }
  }

  /** @throws {UnexpectedAnswer} for a 200 answer of another shape, and as `send` */
  async sendJson<T>(verb: Verb, target: string, value: unknown, shape: Shape<T>): Promise<T> {
    return jsonValue(await this.send(verb, target, value), `${verb} ${target}`, shape);
  }

  /**
   * Sends a request and leaves the body of the answer to the caller, whatever its status.
   *
   * @throws {ConnectionFailure} when there is no answer; it counts for no back-off
   */
  async open(target: string, exchange: Upload): Promise<Answer> {
    return this.#authenticated({ ...exchange, target });
  }

  async #authenticated({ target, ...exchange }: Upload & { target: string }): Promise<Answer> {
    const token = await this.deps.identity.token();
    const answer = await this.#sendAs(token, target, exchange);
    if (answer.status !== 401) return answer;
    // Read at once: a login in between may take minutes, longer than any connection stays open.
    const body = await answer.text();
    const renewed = await this.deps.identity.renew(token);
    return renewed === undefined ? { ...answer, ...held(body) } : this.#sendAs(renewed, target, exchange);
  }

  #sendAs(token: string | undefined, target: string, exchange: Upload): Promise<Answer> {
    const authorization = token === undefined ? undefined : { Authorization: `Bearer ${token}` };
    return this.deps.transport.send({
      ...exchange,
      url: this.deps.server.base + target,
      headers: { ...exchange.headers, ...authorization },
    });
  }
}

/** The body of an answer that has been read already. */
function held(body: string): Pick<Answer, "chunks" | "text" | "discard"> {
  return {
    async *chunks() {
      yield new TextEncoder().encode(body);
    },
    text: async () => body,
    discard: async () => undefined,
  };
}

function successful({ status }: Answer, body: string): string {
  if (status !== 200) throw errorOf(status, body);
  return body;
}

function networkError(failure: ConnectionFailure): NetworkError {
  return new NetworkError(
    failure.kind === "timeout"
      ? "Timeout while trying to communicate with the server."
      : "Unable to communicate with specified server.",
    1,
    { cause: failure },
  );
}
