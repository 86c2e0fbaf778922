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

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json", ...headers } });

export const noContent = (): Response => new Response(null, { status: 204 });

/** `2026-11-23T18:03:06Z` (server-api section 1.6). */
export const wireDate = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
