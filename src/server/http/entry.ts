import type { Server } from "bun";
import { errorResponse } from "./errors.ts";
import type { Logger } from "../log/logger.ts";
import { Problem } from "./problem.ts";
import { text } from "./reply.ts";
import type { RequestContext } from "./request-context.ts";

export interface EntryOptions {
  log: Logger;
  /** Trust one proxy's `X-Forwarded-For`, `-Proto` and `-Host`. Without a proxy anybody could forge them. */
  proxyFix: boolean;
  /** Port told in events when a request does not name one. */
  port: number;
  newId: () => string;
}

/** A reg-name, an IPv4 or a bracketed IPv6 address, and perhaps a port (RFC 9110 section 7.2). */
const HOST = /^(?:[a-z0-9](?:[a-z0-9._-]{0,253})|\[[0-9a-f:.]{2,45}\])(?::(\d{1,5}))?$/i;

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
    // A Host that is none could reach logs, redirects and caches.
    if (!isHost(request.headers.get("host")))
      return errorResponse(new Problem(400, "The Host header is not a host name."), context, this.options.log);
    if (redirect !== undefined) return text("", 308, { location: redirect });
    return this.answer(request);
  }

  private register(request: Request, url: string, address: string | undefined): RequestContext {
    const { proxyFix, port, newId } = this.options;
    const { origin, path } = partsOf(url);
    const forwarded = (name: string): string | undefined =>
      (proxyFix && request.headers.get(`x-forwarded-${name}`)?.split(",").at(-1)?.trim()) || undefined;
    const [, host = "", hostPort] =
      /^(.*?)(?::(\d+))?$/.exec(forwarded("host") ?? request.headers.get("host") ?? "") ?? [];
    const scheme = forwarded("proto") ?? origin.slice(0, origin.indexOf(":"));
    const context: RequestContext = {
      requestId: newId(),
      method: request.method,
      path,
      sourceAddress: forwarded("for") ?? address,
      host,
      protocol: scheme === "https" ? "https" : "http",
      origin: `${scheme === "https" ? "https" : "http"}://${host || "localhost"}${hostPort === undefined ? "" : `:${hostPort}`}`,
      port: hostPort === undefined ? port : Number(hostPort),
    };
    this.contexts.set(request, context);
    return context;
  }
}

/** HTTP/1.0 clients, health checks among them, may name no host. */
function isHost(header: string | null): boolean {
  if (header === null) return true;
  const match = HOST.exec(header);
  return match !== null && Number(match[1] ?? 0) <= 65_535;
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
