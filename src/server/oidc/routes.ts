import { refusal, SAMPLE } from "../http/example.ts";
import { readJson } from "../http/body.ts";
import { isPlainObject } from "../../shared/plain-object.ts";
import { invalid, Problem } from "../http/problem.ts";
import { json } from "../http/reply.ts";
import { type Route, route } from "../http/route.ts";
import { TOKENS } from "../tokens/example.ts";
import { TokenPair } from "../tokens/schema.ts";
import { isCodeChallenge } from "./code-verifier.ts";
import { DeviceAuthorization, PollError } from "./schema.ts";
import type { DeviceLoginService } from "./service.ts";

const tag = "Login";

/** Bytes of a body at the most; it holds one short field. */
const MAX_BODY = 16 * 1024;

/** Request ids and tokens must not stay in any cache. */
const NO_STORE = { "cache-control": "no-store" };

const badBody = {
  413: { description: "The body is too large" },
  422: { description: "The field is not valid; `detail` tells why" },
};

export const deviceLoginRoutes = (logins: DeviceLoginService): Route[] => [
  route(
    {
      method: "POST",
      path: "/oidc/auth-init",
      id: "beginDeviceLogin",
      tag,
      access: { open: "people without a token begin their login here; limited by address" },
      summary: "Begin a login at the identity provider",
      description: "The device flow (RFC 8628), which the server carries on with the provider.",
      bodyText: {
        type: "application/json",
        description:
          "Optional: `code_challenge`, an S256 challenge (RFC 7636) whose verifier every poll then has to show",
      },
      responses: {
        200: { description: "What to show to the person, and the id to poll with", body: DeviceAuthorization },
        ...badBody,
        429: { description: "Too many logins were begun" },
        502: { description: "The provider cannot be reached or answers something else" },
      },
      examples: {
        "a login with PKCE": {
          body: { code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM" },
          answer: {
            status: 200,
            body: {
              request_id: SAMPLE.requestId,
              user_code: "WDJB-MJHT",
              verification_uri: "https://idp.example/activate",
              verification_uri_complete: "https://idp.example/activate?user_code=WDJB-MJHT",
              expires_in: 300,
              interval: 5,
            },
          },
        },
        "a challenge that is none": {
          body: { code_challenge: "plain" },
          answer: {
            status: 422,
            body: refusal("Validation error", {
              json: { code_challenge: ["Not an S256 challenge: 43 characters of base64url expected."] },
            }),
          },
        },
      },
    },
    ({ request, context }) =>
      uncached(async () => {
        const challenge = await textField(request, "code_challenge");
        if (challenge !== undefined && !isCodeChallenge(challenge))
          throw invalid("json", { code_challenge: ["Not an S256 challenge: 43 characters of base64url expected."] });
        return json(await logins.begin(challenge, context));
      }),
  ),
  route(
    {
      method: "POST",
      path: "/oidc/auth-poll/:request_id",
      id: "pollDeviceLogin",
      tag,
      access: { open: "the request id is the credential" },
      loggedPath: "/oidc/auth-poll",
      summary: "Ask for the outcome of a login",
      bodyText: {
        type: "application/json",
        description: "`code_verifier` (RFC 7636), if the login was begun with a challenge",
      },
      responses: {
        200: { description: "The person has logged in", body: TokenPair },
        400: { description: "Not yet, not any more, or an unknown request id", body: [PollError, "error"] },
        403: { description: "The email address is not verified" },
        409: { description: "The email address belongs to another account" },
        ...badBody,
        502: { description: "The provider cannot be reached or answers something else" },
      },
      examples: {
        "the person has logged in": {
          body: { code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" },
          answer: {
            status: 200,
            body: TOKENS,
          },
        },
        "the person has not logged in yet": {
          body: { code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" },
          answer: { status: 400, body: { error: "authorization_pending" } },
        },
        "the next poll came too early": {
          body: { code_verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" },
          answer: { status: 400, body: { error: "slow_down" } },
        },
        "an unknown or expired login": { answer: { status: 400, body: refusal("Invalid or expired request_id") } },
      },
    },
    ({ request, params, context }) =>
      uncached(async () => {
        const verifier = await textField(request, "code_verifier");
        const outcome = await logins.poll(params.request_id, verifier, context);
        if ("tokens" in outcome) return json(outcome.tokens);
        const wait: Record<string, string> =
          outcome.retryAfter === undefined ? {} : { "retry-after": String(outcome.retryAfter) };
        return json({ error: outcome.error }, 400, wait);
      }),
  ),
];

/** The reference ignores bodies here, so only this field of a JSON object counts; a body of any other kind has none. */
async function textField(request: Request, name: string): Promise<string | undefined> {
  const body = await readJson(request, MAX_BODY).catch((error) => {
    if (error instanceof Problem && error.status === 400) return {};
    throw error;
  });
  const value = isPlainObject(body) ? body[name] : undefined;
  if (value !== undefined && typeof value !== "string") throw invalid("json", { [name]: ["Not a valid string."] });
  return value;
}

async function uncached(answer: () => Promise<Response>): Promise<Response> {
  try {
    const response = await answer();
    for (const [name, value] of Object.entries(NO_STORE)) response.headers.set(name, value);
    return response;
  } catch (error) {
    if (error instanceof Problem) Object.assign(error.headers, NO_STORE);
    throw error;
  }
}
