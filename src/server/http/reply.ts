/** Bodies in the reference's content types (server-api section 1.2). */

const TEXT = "text/html; charset=utf-8";

/** Plain text under the content type that the reference's framework gives it; never markup. */
export const text = (body: string, status = 200, headers: Record<string, string> = {}): Response =>
  // Some of these texts echo names that callers chose, and browsers would run them as HTML.
  new Response(body, {
    status,
    headers: { "content-type": TEXT, "content-security-policy": "default-src 'none'; sandbox", ...headers },
  });

export const ok = (): Response => text("OK");

const JSON_TYPE = { "content-type": "application/json" };

/** Read by the runtime as they are, where objects of names and values are parsed anew for every answer. */
const JSON_HEADERS = new Headers(JSON_TYPE);

export const json = (body: unknown, status = 200, headers?: Record<string, string>): Response =>
  Response.json(body, { status, headers: headers ? { ...JSON_TYPE, ...headers } : JSON_HEADERS });

export const noContent = (): Response => new Response(null, { status: 204 });

/** `2026-11-23T18:03:06Z` (server-api section 1.6). */
export const wireDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
