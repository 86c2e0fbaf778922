import type { Server } from "bun";
import { errorResponse } from "./errors.ts";
import type { Logger } from "../log/logger.ts";
import { isAllowedHost, isHost } from "./hosts.ts";
import { Problem } from "./problem.ts";
import { text } from "./reply.ts";
import type { RequestContext } from "./request-context.ts";

export interface EntryOptions {
  log: Logger;
  /** Trust one proxy's `X-Forwarded-For`, `-Proto` and `-Host`. Without a proxy anybody could forge them. */
  proxyFix: boolean;
  /** Names by which the server may be reached; none: every one that is a host name. */
  allowedHosts: readonly string[];
  /** Port told in events when a request does not name one. */
  port: number;
  newId: () => string;
}

/** What probes of deployments ask, by whatever address they reach the server; the answers hold nothing of the request. */
const PROBES = /^\/(?:healthz|readyz|v1)\/?$/;

/** Free text whose slashes are its own (server-api section 1.1). */
const SECRET_PATH = /^\/v1\/secrets\/[^/]+\/./;

/**
 * What every request passes before it is routed: the Host check, the reference's treatment of slashes, an id for logs and answers.
 */
export class Entry {
  private readonly contexts = new WeakMap<Request, RequestContext>();

  constructor(
    private readonly answer: (request: Request) => Response | Promise<Response>,
    private readonly options: EntryOptions,
  ) {}

  /** Facts about a request that came in here. */
  readonly contextOf = (request: Request): RequestContext =>
    this.contexts.get(request) ?? this.register(request, request.url, undefined);

  readonly fetch = async (incoming: Request, server?: Pick<Server<unknown>, "requestIP">): Promise<Response> => {
    const target = canonicalUrl(incoming.url);
    const request = target.serve === incoming.url ? incoming : new Request(target.serve, incoming);
    const context = this.register(request, target.serve, server?.requestIP(incoming)?.address);
    const response = await this.route(request, context, target.redirect);
    response.headers.set("x-request-id", context.requestId);
    response.headers.set("x-content-type-options", "nosniff");
    return response;
  };

  private async route(request: Request, context: RequestContext, redirect: string | undefined): Promise<Response> {
    const fault = this.hostFault(request, context);
    if (fault) return errorResponse(fault, context, this.options.log);
    if (redirect !== undefined) return text("", 308, { location: redirect });
    return this.answer(request);
  }

  /** A Host that is none, or none of ours, could reach logs, redirects and caches. HTTP/1.0 clients, health checks among them, may name none. */
  private hostFault(request: Request, context: RequestContext): Problem | undefined {
    const header = request.headers.get("host");
    const host = this.forwarded(request, "host") ?? header;
    if ((header !== null && !isHost(header)) || (host !== null && !isHost(host)))
      return new Problem(400, "The Host header is not a host name.");
    if (PROBES.test(context.path) || isAllowedHost(host ?? "", this.options.allowedHosts)) return undefined;
    return new Problem(421, "This server is not reached by that name. Ask its operator to add it to ALLOWED_HOSTS.");
  }

  /** What the trusted proxy says, in the last place: what is before that is the client's word. */
  private forwarded(request: Request, name: "for" | "proto" | "host"): string | undefined {
    if (!this.options.proxyFix) return undefined;
    return request.headers.get(`x-forwarded-${name}`)?.split(",").at(-1)?.trim() || undefined;
  }

  private register(request: Request, url: string, address: string | undefined): RequestContext {
    const { port, newId } = this.options;
    const { origin, path } = partsOf(url);
    const [, host = "", hostPort] =
      /^(.*?)(?::(\d+))?$/.exec(this.forwarded(request, "host") ?? request.headers.get("host") ?? "") ?? [];
    const scheme = this.forwarded(request, "proto") ?? origin.slice(0, origin.indexOf(":"));
    const protocol = scheme === "https" ? "https" : "http";
    const context: RequestContext = {
      requestId: newId(),
      method: request.method,
      path,
      sourceAddress: this.forwarded(request, "for") ?? address,
      host,
      protocol,
      origin: `${protocol}://${host || "localhost"}${hostPort === undefined ? "" : `:${hostPort}`}`,
      port: hostPort === undefined ? port : Number(hostPort),
    };
    this.contexts.set(request, context);
    return context;
  }
}

/**
 * Paths as the reference reads them: leading slashes are one, an encoded one separates segments, inner doubles are merged by a redirect. Nothing of
 * this holds within the path of a secret. What is no percent-encoded UTF-8 becomes replacement characters.
 *
 * @param url of the request; only a path where the Host header is none (Bun tells the two apart so)
 */
export function canonicalUrl(url: string): { serve: string; redirect?: string } {
  const { origin, path, query } = partsOf(url);
  const single = decodable(path.replace(/^\/+/, "/").replace(/%2f/gi, "/"));
  if (!single.includes("//") || SECRET_PATH.test(single)) return { serve: origin + single + query };
  const merged = single.replace(/\/{2,}/g, "/");
  return { serve: origin + merged + query, redirect: merged + query };
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
