import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import type { Server } from "bun";

/**
 * Seconds after which Bun closes a connection whose client neither sends nor takes anything, or sends a body slower than 16 KiB/s on the whole; above the
 * longest wait for a job. Bun itself gives a client ten seconds for the header of a request, however it comes, and 16 KiB and 128 fields.
 */
const IDLE_TIMEOUT = 75;

/** Uploads have limits of their own, per route and while they stream; this one only has to be above them. */
const MAX_BODY = Number.MAX_SAFE_INTEGER;

/** The address cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";

  /**
   * @param reason what is wrong with the address
   * @param remedy how the operator gets the server another one
   */
  constructor(
    readonly reason: string,
    remedy: string,
  ) {
    super(`${reason}. ${remedy}.`);
  }
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

/**
 * Serves an application on a socket that no other server shares. Throws CannotListen.
 *
 * @param idleTimeout seconds, in steps of four
 */
export async function listen(
  fetch: (request: Request, server: Server<undefined>) => Promise<Response>,
  host: string,
  port: number,
  idleTimeout = IDLE_TIMEOUT,
): Promise<Listening> {
  await assertKnown(host);
  const server = bind(fetch, host, port, idleTimeout);
  return {
    url: `http://${hostInUrl(host)}:${server.port}`,
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
  idleTimeout: number,
): Server<undefined> {
  try {
    return Bun.serve({
      fetch,
      hostname: host,
      port,
      idleTimeout,
      maxRequestBodySize: MAX_BODY,
      reusePort: false,
      development: false,
    });
  } catch (error) {
    const fault = FAULTS[(error as NodeJS.ErrnoException).code ?? ""];
    throw fault ? fault(host, port) : error;
  }
}

const FAULTS: Readonly<Record<string, (host: string, port: number) => CannotListen>> = {
  EADDRINUSE: (host, port) =>
    new CannotListen(`${hostInUrl(host)}:${port} is in use by another program`, "Stop it, or set PORT to another port"),
  EACCES: (host, port) =>
    new CannotListen(
      `${hostInUrl(host)}:${port} is a port for privileged programs only`,
      "Set PORT to another port, 1024 or above for example",
    ),
  EADDRNOTAVAIL: notOurs,
};

function notOurs(host: string): CannotListen {
  return new CannotListen(
    `${host} is not an address of this machine`,
    "Set HOST to one that is, or to 0.0.0.0 for all",
  );
}

/** Bun takes a name that nobody knows for a port in use. */
async function assertKnown(host: string): Promise<void> {
  if (isIP(withoutBrackets(host)) === 0)
    await lookup(host).catch(() => {
      throw notOurs(host);
    });
}

/** A host as URLs spell it: IPv6 addresses have brackets (RFC 3986 section 3.2.2). */
export const hostInUrl = (host: string): string =>
  isIPv6(withoutBrackets(host)) ? `[${withoutBrackets(host)}]` : host;

const withoutBrackets = (host: string): string => host.replace(/^\[(.*)\]$/, "$1");
