/** Facts about a request that logs and security events tell (config section 6). */
export interface RequestContext {
  readonly requestId: string;
  readonly method: string;
  /** Without the query, which may hold personal data. */
  readonly path: string;
  /** Peer address, after proxy handling; absent when the request did not come through a socket. */
  readonly sourceAddress?: string;
  /** Host part of the Host header. */
  readonly host: string;
  readonly protocol: "http" | "https";
  /** This server as the browser reaches it: scheme, host and port. */
  readonly origin: string;
  readonly port: number;
}
