import { listen, type Listening } from "../listen.ts";
import type { Metrics } from "./metrics.ts";

/**
 * Serves `/metrics` on a port of its own, without authentication: it is meant for the inside of a network, the API for the outside
 * (server-api section 8). Throws CannotListen.
 */
export function startMetrics(
  metrics: Metrics,
  { hostname, port }: { hostname: string; port: number },
): Promise<Listening> {
  return listen((request) => answerMetrics(metrics, request), hostname, port);
}

export async function answerMetrics(metrics: Metrics, request: Request): Promise<Response> {
  // Where the Host header is no host, Bun's URL is a path only.
  const { pathname, searchParams } = new URL(request.url, "http://localhost");
  if (pathname !== "/metrics") return new Response("Metrics are at /metrics\n", { status: 404 });
  if (request.method !== "GET" && request.method !== "HEAD")
    return new Response(null, { status: 405, headers: { allow: "GET, HEAD" } });
  const text = await metrics.text(searchParams.getAll("name[]"));
  return new Response(text, { headers: { "content-type": metrics.contentType } });
}
