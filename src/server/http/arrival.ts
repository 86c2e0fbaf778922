import type { Server } from "bun";
import type { RequestContext } from "./request-context.ts";

export interface ArrivalOptions {
  /** Trust one proxy's `X-Forwarded-For`, `-Proto` and `-Host`. Without a proxy anybody could forge them. */
  readonly proxyFix: boolean;
  /** Port told in events when a request does not name one. */
  readonly port: number;
}

/** The socket side of a server, as far as it tells where a request comes from. */
export type Peers = Pick<Server<unknown>, "requestIP">;

/**
 * What is known of a request that came in. Only events and redirects tell of most of it, and to work it out takes longer than to route the request;
 * so that is done when it is asked for.
 */
export class Arrival implements RequestContext {
  readonly method: string;
  /** Its address; null when it is not known, undefined until somebody asks. */
  private peer: string | null | undefined;

  /** @param path without the query */
  constructor(
    readonly requestId: string,
    readonly path: string,
    private readonly request: Request,
    private readonly peers: Peers | undefined,
    private readonly options: ArrivalOptions,
  ) {
    this.method = request.method;
  }

  /** Before anything is waited for: once the peer has hung up, nobody knows its address any more. */
  keepAddress(): void {
    if (this.peer === undefined) this.peer = this.peers?.requestIP(this.request)?.address ?? null;
  }

  /** The same request, told under another path. */
  under(path: string): Arrival {
    this.keepAddress();
    const told = new Arrival(this.requestId, path, this.request, this.peers, this.options);
    told.peer = this.peer;
    return told;
  }

  get sourceAddress(): string | undefined {
    this.keepAddress();
    return this.forwarded("for") ?? this.peer ?? undefined;
  }

  /** The host and perhaps the port by which the client reached the server; null when it named none. */
  get authority(): string | null {
    return this.forwarded("host") ?? this.request.headers.get("host");
  }

  get host(): string {
    return this.hostAndPort[0];
  }

  get protocol(): "http" | "https" {
    const scheme = this.forwarded("proto") ?? (this.request.url.startsWith("https:") ? "https" : "http");
    return scheme === "https" ? "https" : "http";
  }

  get origin(): string {
    const [host, port] = this.hostAndPort;
    return `${this.protocol}://${host || "localhost"}${port === undefined ? "" : `:${port}`}`;
  }

  get port(): number {
    const [, port] = this.hostAndPort;
    return port === undefined ? this.options.port : Number(port);
  }

  /** What the trusted proxy says, in the last place: what is before that is the client's word. */
  private forwarded(name: "for" | "proto" | "host"): string | undefined {
    if (!this.options.proxyFix) return undefined;
    return this.request.headers.get(`x-forwarded-${name}`)?.split(",").at(-1)?.trim() || undefined;
  }

  private get hostAndPort(): readonly [host: string, port: string | undefined] {
    const [, host = "", port] = /^(.*?)(?::(\d+))?$/.exec(this.authority ?? "") ?? [];
    return [host, port];
  }
}
