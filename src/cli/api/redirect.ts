import { ConnectionFailure } from "./errors.ts";

const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const MOST_REDIRECTS = 30;

export interface Hop {
  readonly method: string;
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly hasBody: boolean;
}

/**
 * The request that a redirect asks for; undefined when the answer is none.
 *
 * 301 and 302 repeat the request as it was, like 307 and 308: turning a submission into `GET /v1/job`, as browsers do,
 * would ask for a job instead of submitting one. `Authorization` is sent on only within the origin, or when plain http
 * is upgraded to https on the same host.
 *
 * @throws {ConnectionFailure} for endless redirects, other schemes, and other origins when `sameOrigin`
 */
export function redirectTarget(
  response: Response,
  hop: Hop,
  { hops, sameOrigin }: { hops: number; sameOrigin: boolean },
): Hop | undefined {
  const location = response.headers.get("location");
  if (!REDIRECTS.has(response.status) || location === null) return undefined;
  const from = new URL(hop.url);
  const to = URL.parse(location, hop.url);
  if (!to || !/^https?:$/.test(to.protocol)) {
    throw new ConnectionFailure(`${from.host} redirects to something that is no web address`, "connection");
  }
  if (hops >= MOST_REDIRECTS) throw new ConnectionFailure(`${from.host} redirects too often`, "connection");
  const trusted = to.origin === from.origin || isUpgrade(from, to);
  if (sameOrigin && !trusted) {
    throw new ConnectionFailure(
      `${from.host} redirects a request with credentials to ${to.host}: it was not sent there. Is the server setting right?`,
      "connection",
    );
  }
  const headers = Object.entries(hop.headers).filter(([name]) => trusted || name.toLowerCase() !== "authorization");
  const asGet = response.status === 303 && hop.method !== "HEAD";
  return {
    method: asGet ? "GET" : hop.method,
    url: to.href,
    headers: Object.fromEntries(asGet ? headers.filter(([name]) => !/^content-/i.test(name)) : headers),
    hasBody: hop.hasBody && !asGet,
  };
}

const isUpgrade = (from: URL, to: URL) =>
  from.protocol === "http:" && to.protocol === "https:" && from.hostname === to.hostname && !from.port && !to.port;
