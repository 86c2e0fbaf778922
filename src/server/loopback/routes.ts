import { refusal, SAMPLE } from "../http/example.ts";
import { toldProblem } from "../http/errors.ts";
import { Problem } from "../http/problem.ts";
import { parametersOf } from "../http/query.ts";
import { json, text } from "../http/reply.ts";
import type { RequestContext } from "../http/request-context.ts";
import { type Route, route } from "../http/route.ts";
import type { Logger } from "../log/logger.ts";
import { link, loginPage } from "../oidc/login-page.ts";
import type { BrowserSessions } from "../sessions/browser-sessions.ts";
import { isSameOrigin } from "../sessions/same-origin.ts";
import type { Client } from "../store/clients.ts";
import { TOKENS } from "../tokens/example.ts";
import { REFRESH_TOKEN_LIFETIME } from "../tokens/issuer.ts";
import { TokenPair } from "../tokens/schema.ts";
import { readForm } from "../web/form.ts";
import { answerUrl, type AuthorizationRequest, authorizationRequestOf } from "./authorization-request.ts";
import { CodeRedemption } from "./schema.ts";
import type { LoopbackLogin } from "./service.ts";

const tag = "Login";
const PATH = "/auth/authorize";
const PAGE = { description: "A page that tells what is wrong", body: "text/html" } as const;
/** Bytes of a body that anybody may send; it holds a code. */
const MAX_BODY = 16 * 1024;
const NO_STORE = { "cache-control": "no-store" };

export const loopbackLoginRoutes = (logins: LoopbackLogin, sessions: BrowserSessions, log: Logger): Route[] => [
  route(
    {
      method: "GET",
      path: PATH,
      id: "askToAuthorize",
      tag,
      access: { open: "asks the person who is signed in; leads others to the login" },
      noHead: true,
      summary: "Ask a person whether the command line may log in as them",
      responses: {
        200: { description: "The question", body: "text/html" },
        302: { description: "To the login" },
        400: PAGE,
      },
    },
    ({ request, context }) =>
      orPage(context, log, async () => {
        const parameters = parametersOf(request.url);
        const authorization = authorizationRequestOf(parameters);
        const client = await sessions.clientOf(request);
        if (client) return question(client, authorization);
        const next = `${PATH}?${parameters.toString()}`;
        return text("", 302, { location: `/auth/login?next=${encodeURIComponent(next)}`, ...NO_STORE });
      }),
  ),
  route(
    {
      method: "POST",
      path: PATH,
      id: "authorize",
      tag,
      access: { open: "needs the session of a browser and a form of this server" },
      summary: "The person's answer",
      responses: { 303: { description: "To the port of the command line" }, 400: PAGE, 403: PAGE },
    },
    ({ request, context }) =>
      orPage(context, log, async () => {
        if (!isSameOrigin(request, context)) throw new Problem(403, "Another site sent this form.");
        const form = await readForm(request);
        const authorization = authorizationRequestOf(form);
        const signedIn = await sessions.signedIn(request);
        // Somebody else may have signed in since the question was shown.
        if (!signedIn || signedIn.client.id !== form.get("client_id"))
          throw new Problem(403, "You are signed in as somebody else now. Please begin again.");
        const owner = { clientId: signedIn.client.id, session: signedIn.session.id };
        const allowed = form.get("decision") === "allow";
        const answer = allowed ? { code: await logins.allow(owner, authorization) } : { error: "access_denied" };
        const location = answerUrl(authorization, answer);
        return text("", 303, { location, "referrer-policy": "no-referrer", ...NO_STORE });
      }),
  ),
  route(
    {
      method: "POST",
      path: "/v1/oauth2/code",
      id: "redeemCode",
      tag: "Tokens",
      access: { open: "checks the code, and that it is shown by whoever began the login" },
      summary: "Log in with a code from the browser of the same machine",
      description:
        `The code comes from \`${PATH}\` (RFC 8252): parameters \`redirect_uri\` (a port of 127.0.0.1 or [::1]), \`state\`, ` +
        "`code_challenge` and `code_challenge_method=S256` (RFC 7636). It is good for one use within a minute.",
      body: CodeRedemption,
      maxBody: MAX_BODY,
      responses: {
        200: { description: "Tokens", body: TokenPair },
        400: { description: "The code is unknown, used, expired, or for somebody else" },
        429: { description: "Too many logins have failed from this address" },
      },
      examples: {
        "the person has allowed it in the browser": {
          body: {
            code: SAMPLE.code,
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            redirect_uri: "http://127.0.0.1:49152/callback",
          },
          answer: {
            status: 200,
            body: TOKENS,
          },
        },
        "a code that was used before": {
          body: {
            code: SAMPLE.code,
            code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            redirect_uri: "http://127.0.0.1:49152/callback",
          },
          answer: { status: 400, body: refusal("The code is not valid, or not any more. Please log in again.") },
        },
      },
    },
    async ({ body, context }) => {
      const redemption = { code: body.code, codeVerifier: body.code_verifier, redirectUri: body.redirect_uri };
      return json(await logins.redeem(redemption, context), 200, NO_STORE);
    },
  ),
];

/**
 * Any program, and any page of the web, can open this address in somebody's browser: only the person knows whether they began the login
 * (RFC 8252 section 8.6). The policy lets the form's redirect reach the command line and nothing else.
 */
function question({ id }: Client, { redirectUri, state, codeChallenge }: AuthorizationRequest): Response {
  const fields = {
    redirect_uri: redirectUri,
    state,
    code_challenge: codeChallenge,
    code_challenge_method: "S256",
    client_id: id,
  };
  const hidden = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${Bun.escapeHTML(value)}">`,
  );
  return loginPage({
    status: 200,
    title: "Log in on the command line?",
    text: [
      `The command 'testflinger login --web' on this computer asks to log in as ${id}.`,
      "Allow it only if you have started it yourself just now. It can then do everything that you can do here.",
      `That ends when it is not used for ${REFRESH_TOKEN_LIFETIME / 86_400} days, or as soon as you end it under "My sessions".`,
    ],
    below: `<form method="post" action="${PATH}">${hidden.join("")}
<button name="decision" value="allow">Allow</button> <button name="decision" value="deny">Deny</button></form>`,
    formTargets: [new URL(redirectUri).origin],
  });
}

/** A person sits in front of these routes: whatever goes wrong becomes a page. */
async function orPage(context: RequestContext, log: Logger, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    const { status, message, headers } = toldProblem(error, context, log);
    return loginPage({
      status,
      title: "No login on the command line",
      text: [message, `If you ask for help, name the request id ${context.requestId}.`],
      below: link("/", "Home"),
      headers,
    });
  }
}
