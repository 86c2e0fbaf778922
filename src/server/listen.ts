import type { Server } from "bun";

/** Seconds after which Bun closes a connection without traffic; above the longest wait for a job, below what proxies allow. */
const IDLE_TIMEOUT = 75;

/** Uploads have limits of their own, per route and while they stream; this one only has to be above them. */
const MAX_BODY = Number.MAX_SAFE_INTEGER;

/** The address is taken; the message says by what means to choose another. */
export class AddressInUse extends Error {
  override readonly name = "AddressInUse";
}

export interface Listening {
  /** Where it can be reached, with the port that was chosen. */
  readonly url: string;
  readonly port: number;
  /**
   * Stops accepting and lets requests in flight finish; after `grace` milliseconds the rest is cut off.
   */
  stop(grace: number): Promise<void>;
}

/** Serves an application on a socket that no other server shares. */
export function listen(
  fetch: (request: Request, server: Server<undefined>) => Promise<Response>,
  host: string,
  port: number,
): Listening {
  const server = bind(fetch, host, port);
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${server.port}`,
    port: server.port as number,
    async stop(grace) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, grace);
      await Promise.race([server.stop(), late]);
      clearTimeout(timer);
      await server.stop(true);
    },
  };
}

function bind(
  fetch: (request: Request, server: Server<undefined>) => Promise<Response>,
  host: string,
  port: number,
): Server<undefined> {
  try {
    return Bun.serve({
      fetch,
      hostname: host,
      port,
      idleTimeout: IDLE_TIMEOUT,
      maxRequestBodySize: MAX_BODY,
      reusePort: false,
      development: false,
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new AddressInUse(`${host}:${port} is in use by another program. Stop it, or set PORT to another port.`);
  }
}
