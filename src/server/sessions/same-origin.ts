import type { RequestContext } from "../http/request-context.ts";

/**
 * Did a page of this server make the request (ASVS 5.0 control 3.5.1)? A cookie alone does not tell: browsers send it with what other sites make
 * them do. `Origin` is in every POST of a browser; `Sec-Fetch-Site` only where the page is https or on this machine.
 */
export function isSameOrigin(request: Request, context: Pick<RequestContext, "origin">): boolean {
  const origin = request.headers.get("origin");
  if (origin === null) return request.headers.get("sec-fetch-site") === "same-origin";
  const own = URL.parse(context.origin)?.origin;
  return own !== undefined && URL.parse(origin)?.origin === own;
}

/** Did the person ask for this address here, by a link of this server or by hand? Other sites' links and images, and guesses of the browser, did not. */
export function isOwnNavigation(request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  return (site === "same-origin" || site === "none") && !request.headers.has("sec-purpose");
}
