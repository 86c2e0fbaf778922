import type { Logger } from "../log/logger.ts";
import { Arrival, type ArrivalOptions, type Peers } from "./arrival.ts";
import { errorResponse } from "./errors.ts";
import { isAllowedHost, isHost } from "./hosts.ts";
import { Problem } from "./problem.ts";
import { text } from "./reply.ts";
import type { RequestMetrics } from "./router.ts";
import { type Soon, whenHere } from "./soon.ts";

export interface EntryOptions extends ArrivalOptions {
  log: Logger;
  /** Names by which the server may be reached; none: every one that is a host name. */
  allowedHosts: readonly string[];
  /** Seconds for which browsers that have come by https come by nothing else; 0, or absent: that is not asked of them. */
  hstsMaxAge?: number;
  newId: () => string;
  /** Told of the answers that no route gives. */
  metrics?: Pick<RequestMetrics, "answered">;
}

/** What probes of deployments ask, by whatever address they reach the server; the answers hold nothing of the request. */
const PROBES = /^\/(?:healthz|readyz|v1)\/?$/;

/** Free text whose slashes are its own (server-api section 1.1). */
const SECRET_PATH = /^\/v1\/secrets\/[^/]+\/./;

/**
 * What every request passes before it is routed: the Host check, the reference's treatment of slashes, an id for logs and answers.
 */
export class Entry {
  private readonly arrivals = new WeakMap<Request, Arrival>();

  constructor(
    private readonly answer: (request: Request) => Soon<Response>,
    private readonly options: EntryOptions,
  ) {}

  /** Facts about a request that came in here. */
  readonly contextOf = (request: Request): Arrival =>
    this.arrivals.get(request) ?? this.register(request, request, partsOf(request.url).path);

  readonly fetch = (incoming: Request, peers?: Peers): Promise<Response> => {
    const { serve, path, redirect } = canonicalUrl(incoming.url);
    const request = routed(incoming, serve);
    const arrival = this.register(request, incoming, path, peers);
    const finished = whenHere(this.route(request, arrival, redirect), (response) => {
      response.headers.set("x-request-id", arrival.requestId);
      response.headers.set("x-content-type-options", "nosniff");
      this.insistOnHttps(response, arrival);
      return response;
    });
    return Promise.resolve(finished);
  };

  /**
   * Of this host only, though ASVS 5.0 control 3.4.1 wants its subdomains as well: what else the domain has is not ours to decide. Over plain http
   * browsers ignore it (RFC 6797 section 8.1).
   */
  private insistOnHttps(response: Response, arrival: Arrival): void {
    const { hstsMaxAge = 0 } = this.options;
    if (hstsMaxAge > 0 && arrival.protocol === "https")
      response.headers.set("strict-transport-security", `max-age=${hstsMaxAge}`);
  }

  private route(request: Request, arrival: Arrival, redirect: string | undefined): Soon<Response> {
    const fault = this.hostFault(request, arrival);
    if (fault) return this.counted(errorResponse(fault, arrival, this.options.log), arrival);
    if (redirect !== undefined) return this.counted(text("", 308, { location: redirect }), arrival);
    return this.answer(request);
  }

  private counted(response: Response, { method }: Arrival): Response {
    this.options.metrics?.answered({ route: null, method, status: response.status });
    return response;
  }

  /** A Host that is none, or none of ours, could reach logs, redirects and caches. HTTP/1.0 clients, health checks among them, may name none. */
  private hostFault(request: Request, { authority, path }: Arrival): Problem | undefined {
    const header = request.headers.get("host");
    if ((header !== null && !isHost(header)) || (authority !== header && !isHost(authority ?? "")))
      return new Problem(400, "The Host header is not a host name.");
    if (isAllowedHost(authority ?? "", this.options.allowedHosts) || PROBES.test(path)) return undefined;
    return new Problem(421, "This server is not reached by that name. Ask its operator to add it to ALLOWED_HOSTS.");
  }

  private register(request: Request, incoming: Request, path: string, peers?: Peers): Arrival {
    const arrival = new Arrival(this.options.newId(), path, incoming, peers, this.options);
    this.arrivals.set(request, arrival);
    return arrival;
  }
}

/**
 * The request under the URL that is served. HEAD goes through as the GET that it asks about: Elysia would read what that answers to its end to tell its
 * length, a file of gigabytes as well. Ranges are for GET alone (RFC 9110 section 14.2).
 */
function routed(incoming: Request, url: string): Request {
  if (incoming.method !== "HEAD") return url === incoming.url ? incoming : new Request(url, incoming);
  const headers = new Headers(incoming.headers);
  headers.delete("range");
  return new Request(url, { method: "GET", headers, signal: incoming.signal });
}

/** A request's URL as it is served, its path without the query, and where the client is sent instead. */
interface Target {
  readonly serve: string;
  readonly path: string;
  readonly redirect?: string;
}

/** What makes a path other than it looks. */
const UNUSUAL = /%|\/\//;

/**
 * Paths as the reference reads them: leading slashes are one, an encoded one separates segments, inner doubles are merged by a redirect. Nothing of
 * this holds within the path of a secret. What is no percent-encoded UTF-8 becomes replacement characters.
 *
 * @param url of the request; only a path where the Host header is none (Bun tells the two apart so)
 */
export function canonicalUrl(url: string): Target {
  const { origin, path, query } = partsOf(url);
  // Nearly every request: the text that is there already is not built again.
  if (!UNUSUAL.test(path)) return { serve: url.startsWith("/") ? origin + url : url, path };
  const single = decodable(path.replace(/^\/+/, "/").replace(/%2f/gi, "/"));
  if (!single.includes("//") || SECRET_PATH.test(single)) return { serve: origin + single + query, path: single };
  const merged = single.replace(/\/{2,}/g, "/");
  return { serve: origin + merged + query, path: merged, redirect: merged + query };
}

/** Without a parser of URLs, which would refuse the whole for a Host that cannot be one. */
function partsOf(url: string): { origin: string; path: string; query: string } {
  const start = url.startsWith("/") ? 0 : url.indexOf("/", url.indexOf("://") + 3);
  const rest = url.slice(start),
    end = rest.search(/[?#]/);
  return {
    origin: start === 0 ? "http://localhost" : url.slice(0, start),
    path: end < 0 ? rest : rest.slice(0, end),
    query: end < 0 ? "" : rest.slice(end),
  };
}

function decodable(path: string): string {
  if (!path.includes("%")) return path;
  try {
    decodeURIComponent(path);
    return path;
  } catch {
    return path
      .replace(/%(?![0-9a-f]{2})/gi, "%25")
      .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
        encodeURIComponent(Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8")),
      );
  }
}
