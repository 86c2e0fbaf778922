/** A request as the server saw it. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

type Reply = Response | (() => Response | Promise<Response>);
/** `GET /path?query` to the answers in order; the last one is given again and again. */
export type Script = Record<string, Reply | Reply[]>;

/** An HTTP server that plays a script and remembers what it was asked. Dispose of it. */
export class ScriptedServer implements Disposable {
  readonly seen: Seen[] = [];
  readonly #server: Bun.Server<undefined>;
  readonly #answered = new Map<string, number>();

  constructor(private readonly script: Script) {
    this.#server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      idleTimeout: 0,
      fetch: (request) => this.#answer(request),
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** `METHOD target` of every request. */
  get requests(): string[] {
    return this.seen.map(({ method, target }) => `${method} ${target}`);
  }

  /** Like `requests`, without the questions what the server can do, with who asked. */
  get calls(): string[] {
    return this.seen
      .filter(({ target }) => target !== "/v1/server")
      .map(
        ({ method, target, headers }) =>
          `${method} ${target}${headers.authorization ? ` ${headers.authorization}` : ""}`,
      );
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const { method } = request;
    const body = await request.text();
    this.seen.push({ method, target: pathname + search, headers: Object.fromEntries(request.headers), body });
    const key = `${method} ${pathname}${search}`;
    const replies = [this.script[key] ?? []].flat();
    const turn = this.#answered.get(key) ?? 0;
    this.#answered.set(key, turn + 1);
    const reply = replies[Math.min(turn, replies.length - 1)];
    if (!reply) return new Response("not scripted", { status: 404 });
    return typeof reply === "function" ? await reply() : reply.clone();
  }

  [Symbol.dispose](): void {
    void this.#server.stop(true);
  }
}

/** An answer with a JSON body. */
export const json = (value: unknown, status = 200, headers: Record<string, string> = {}) =>
  Response.json(value, { status, headers });

export const text = (body: string, status = 200, headers: Record<string, string> = {}) =>
  new Response(body, { status, headers });

/** An access token whose payload says these things; nobody checks its signature. */
export function accessToken(
  permissions: Record<string, unknown>,
  exp = Date.parse("2026-11-23T10:10:00Z") / 1000,
): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "HS256", typ: "JWT" })}.${part({ exp, permissions })}.${part("signature")}`;
}
