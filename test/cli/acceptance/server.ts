import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { CredentialWatch } from "../../support/credentials/watch.ts";
import type { Exchange, Reaction } from "./script.ts";

/** Questions of a better client, which a reference server answers 404. */
const ADDITIONS = [/^GET \/v1\/server$/, /^GET \/v1\/job\/[^/]+\/state$/, /^GET \/v1\/result\/.*\/stream(\?.*)?$/];

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly token: string | undefined;
  readonly body: string;
}

/** An HTTP server that plays a script, in order, and notes everything that departs from it. */
export class PlayingServer implements AsyncDisposable {
  readonly problems: string[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #exchanges: readonly Exchange[] = [];
  #position = 0;
  #pressCtrlC: () => void = () => undefined;
  #played = new Set<Exchange>();

  /** @param watch sees the credentials that come and go */
  constructor(private readonly watch = new CredentialWatch()) {}

  async listen(): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  play(exchanges: readonly Exchange[]): void {
    this.#exchanges = exchanges;
  }

  /** Says how Ctrl-C is pressed, for the requests that it answers. */
  connectKeyboard(pressCtrlC: () => void): void {
    this.#pressCtrlC = pressCtrlC;
  }

  /** Breaks every connection. */
  hangUp(): void {
    this.#server.closeAllConnections();
  }

  /** What is wrong with the requests, those that never came included. */
  verdict(): string[] {
    const missing = this.#exchanges.filter((exchange) => !exchange.anyTimes && !this.#played.has(exchange));
    return [...this.problems, ...missing.map(({ method, target }) => `missing request: ${method} ${target}`)];
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    // Ports are given out again: somebody may still want to talk to an earlier server at this one.
    if (!request.headers["user-agent"]?.startsWith("testflinger-cli/")) return void request.socket.destroy();
    const seen: Seen = {
      method: request.method!,
      target: request.url!,
      token: request.headers.authorization?.replace(/^Bearer /, ""),
      body: Buffer.concat(chunks).toString(),
    };
    this.watch.reads(`${seen.method} ${seen.target}\nauthorization: ${request.headers.authorization}\n\n${seen.body}`);
    const exchange = this.#next(seen);
    if (!exchange)
      return void response.writeHead(404, { "content-type": "application/json" }).end('{"message": "none"}');
    this.#react(exchange.reaction, request, response);
  }

  #react(reaction: Reaction, request: IncomingMessage, response: ServerResponse): void {
    if (reaction === "hangs up") return void request.socket.destroy();
    if (reaction === "^C") return this.#pressCtrlC();
    if (reaction === "says nothing") return;
    const { status, headers, body, ending } = reaction;
    this.watch.reads(body.toString());
    if (ending === "end") return void response.writeHead(status, headers).end(status === 204 ? undefined : body);
    response.writeHead(status, { ...headers, "content-length": body.length + 1 });
    response.write(body, () => void (ending === "hangs up" && request.socket.end()));
  }

  #next(seen: Seen): Exchange | undefined {
    const { method, target } = seen;
    for (let i = this.#position; i < this.#exchanges.length; i++) {
      const exchange = this.#exchanges[i]!;
      const isNew = exchange.anyTimes || !this.#played.has(exchange);
      if (isNew && exchange.method === method && exchange.target === target) {
        this.#position = i;
        this.#played.add(exchange);
        this.problems.push(...differences(exchange, seen));
        return exchange;
      }
      if (isNew && !exchange.anyTimes) break;
    }
    if (!ADDITIONS.some((known) => known.test(`${method} ${target}`))) {
      const expected = this.#exchanges.find((one) => !this.#played.has(one));
      const instead = expected ? `${expected.method} ${expected.target}` : "nothing more";
      this.problems.push(`request ${method} ${target} came where ${instead} was expected`);
    }
    return undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function differences({ token, body, method, target }: Exchange, seen: Seen): string[] {
  const found: string[] = [];
  const expected = token === "nobody" ? undefined : token;
  if (token !== undefined && expected !== seen.token)
    found.push(`${method} ${target}: token ${seen.token}, not ${token}`);
  if (body !== undefined && !isDeepStrictEqual(json(body), json(seen.body)))
    found.push(`${method} ${target}: body ${seen.body}, not ${body}`);
  return found;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
