import { toldProblem } from "../http/errors.ts";
import { Problem } from "../http/problem.ts";
import { text } from "../http/reply.ts";
import type { RequestContext } from "../http/request-context.ts";
import { type Route, route } from "../http/route.ts";
import type { Logger } from "../log/logger.ts";
import { isOwnNavigation, isSameOrigin } from "../sessions/same-origin.ts";
import { type BrowserLogin, BrowserLoginFailed, type Step } from "./browser-login.ts";
import { link, loginPage } from "./login-page.ts";

const tag = "Login";
const REDIRECT = { description: "To the next step" };
const ASKED = {
  description: "A page that asks whether to log in, for whom another site sends here",
  body: "text/html",
} as const;
const PAGE = { description: "A page that tells what is wrong", body: "text/html" } as const;

export const browserLoginRoutes = (logins: BrowserLogin, log: Logger): Route[] => [
  route(
    {
      method: "GET",
      path: "/auth/login",
      id: "beginBrowserLogin",
      tag,
      access: { open: "people without a session begin their login here" },
      noHead: true,
      summary: "Log in in a browser; `next` is the page to come back to",
      responses: { 200: ASKED, 302: REDIRECT, 502: PAGE },
    },
    ({ request, context }) =>
      orPage(context, log, async () => {
        const next = query(request).get("next");
        return isForeign(request) ? question(next) : redirect(302, await logins.begin(next, request, context));
      }),
  ),
  route(
    {
      method: "GET",
      path: "/auth/callback",
      id: "finishBrowserLogin",
      tag,
      access: { open: "the provider sends browsers here; state and code are the credentials" },
      noHead: true,
      summary: "End of a login at the identity provider",
      responses: { 302: REDIRECT, 400: PAGE, 403: PAGE, 409: PAGE, 502: PAGE },
    },
    ({ request, context }) =>
      orPage(context, log, async () => redirect(302, await logins.finish(query(request), request, context))),
  ),
  route(
    {
      method: "POST",
      path: "/auth/logout",
      id: "logOutOfBrowser",
      tag,
      access: { open: "ends the session of the cookie, if a page of this server asks for it" },
      summary: "Sign out",
      responses: { 303: REDIRECT, 403: PAGE },
    },
    ({ request, context }) =>
      orPage(context, log, async () => {
        if (!isSameOrigin(request, context)) throw new Problem(403, "Another site asked to sign you out.");
        return leave(await logins.logOut(request, context));
      }),
  ),
  route(
    {
      method: "GET",
      path: "/auth/logout",
      id: "goHome",
      tag,
      access: { open: "goes home; ends the session only where the person asked for this address" },
      noHead: true,
      summary: "Sign out by address, as in the reference",
      description:
        "A GET that another site causes by a link or an image changes nothing: browsers send the cookie along with links. " +
        "Where the browser tells that the person followed a link of this server or typed the address, the session ends: " +
        "somebody who leaves a shared computer must not only look signed out.",
      responses: { 302: REDIRECT },
    },
    ({ request, context }) =>
      orPage(context, log, async () =>
        isOwnNavigation(request)
          ? redirect(302, await logins.logOut(request, context))
          : redirect(302, { location: "/", cookies: [] }),
      ),
  ),
];

/** Has another site led the browser here, or the browser come on suspicion? Older browsers do not tell. */
const isForeign = (request: Request): boolean => request.headers.has("sec-fetch-site") && !isOwnNavigation(request);

/** Where the provider knows the browser it asks nothing: no other site's link or script may sign people in (ASVS 5.0 control 7.6.2). */
const question = (next: string | null): Response =>
  loginPage({
    status: 200,
    title: "Sign in to Testflinger?",
    text: ["Another site has led you here."],
    below: `${link(`/auth/login?next=${encodeURIComponent(next ?? "/")}`, "Sign in")} ${link("/", "Home")}`,
  });

const query = (request: Request): URLSearchParams => new URLSearchParams(/\?[^#]*/.exec(request.url)?.[0] ?? "");

function redirect(status: number, { location, cookies }: Step): Response {
  const response = text("", status, { location, "cache-control": "no-store", "referrer-policy": "no-referrer" });
  return withCookies(response, cookies);
}

/** After a form. A policy of the page with the form (`form-action`) may forbid redirects to the provider, but not a page that leads there. */
function leave(step: Step): Response {
  if (step.location.startsWith("/")) return redirect(303, step);
  const page = loginPage({
    status: 200,
    title: "Signed out",
    text: ["You are signed out of Testflinger. Your login at the identity provider ends as well in a moment."],
    below: link(step.location, "Sign out of the identity provider"),
    headers: { refresh: `0; url=${step.location}` },
  });
  return withCookies(page, step.cookies);
}

function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append("set-cookie", cookie);
  return response;
}

/** A person sits in front of these routes: whatever goes wrong becomes a page. */
async function orPage(context: RequestContext, log: Logger, run: () => Promise<Response>): Promise<Response> {
  try {
    return await run();
  } catch (error) {
    const { cause, cookies, returnTo } =
      error instanceof BrowserLoginFailed ? error : { cause: error, cookies: [], returnTo: "/" };
    const { status, message, headers } = toldProblem(cause, context, log);
    const page = loginPage({
      status,
      title: "You are not signed in",
      text: [message, `If you ask for help, name the request id ${context.requestId}.`],
      below: `${link(`/auth/login?next=${encodeURIComponent(returnTo)}`, "Try again")} ${link("/", "Home")}`,
      headers,
    });
    return withCookies(page, cookies);
  }
}
