import { refusal, SAMPLE } from "../http/example.ts";
import { json } from "../http/reply.ts";
import { ADMINS, type Route, route } from "../http/route.ts";
import { TOKENS } from "./example.ts";
import { Done, RefreshAnswer, RefreshBody, RefreshTokenBody, TokenPair } from "./schema.ts";
import type { TokenService } from "./service.ts";

const tag = "Tokens";

/** Answers that hold tokens must not stay in any cache (RFC 6749 section 5.1). */
export const NO_STORE = { "cache-control": "no-store" };

/** Bytes of a body that anybody may send; it holds a token. */
export const MAX_BODY = 16 * 1024;

export const tokenRoutes = (tokens: TokenService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/oauth2/token",
      id: "createToken",
      tag,
      access: { open: "checks a client id and its secret (HTTP Basic)" },
      credentials: "basic",
      summary: "Log in with a client id and its secret",
      description: "Credentials come as HTTP Basic (RFC 7617). The body is ignored.",
      responses: {
        200: { description: "Tokens", body: TokenPair },
        401: { description: "No credentials, or wrong ones", body: "text" },
      },
      examples: {
        "a client logs in": {
          answer: {
            status: 200,
            body: TOKENS,
          },
        },
        "a wrong secret": { answer: { status: 401, body: "Invalid client id or client key" } },
      },
    },
    async ({ request, context }) =>
      json(await tokens.login(request.headers.get("authorization"), context), 200, NO_STORE),
  ),
  route(
    {
      method: "POST",
      path: "/v1/oauth2/refresh",
      id: "refreshToken",
      tag,
      access: { open: "checks the refresh token in the body" },
      summary: "Get a new access token",
      description:
        "The token carries the permissions that the client has now. The refresh token stays as it is unless `rotate` asks for another.",
      body: RefreshBody,
      maxBody: MAX_BODY,
      onInvalid: (problem, context) => tokens.refreshRefused(problem, context),
      responses: {
        200: { description: "A new access token", body: RefreshAnswer },
        400: { description: "The refresh token is unknown, revoked or expired" },
      },
      examples: {
        "the access token has expired": {
          body: { refresh_token: SAMPLE.refreshToken },
          answer: { status: 200, body: { access_token: SAMPLE.accessToken, token_type: "Bearer", expires_in: 600 } },
        },
        "with another refresh token as well": {
          body: { refresh_token: SAMPLE.refreshToken, rotate: true },
          answer: {
            status: 200,
            body: TOKENS,
          },
        },
        "an unknown refresh token": {
          body: { refresh_token: "a-token-that-nobody-was-given" },
          answer: { status: 400, body: refusal("Invalid refresh token.") },
        },
      },
    },
    async ({ body, context }) =>
      json(await tokens.refresh(body.refresh_token, body.rotate ?? false, context), 200, NO_STORE),
  ),
  route(
    {
      method: "POST",
      path: "/v1/oauth2/revoke",
      id: "revokeToken",
      tag,
      access: ADMINS,
      summary: "Revoke a refresh token",
      description: "Access tokens that were issued before stay valid until they expire.",
      body: RefreshTokenBody,
      responses: {
        200: { description: "Revoked", body: Done },
        400: { description: "The refresh token is unknown or was revoked before" },
      },
      examples: {
        "a token that has leaked": {
          body: { refresh_token: SAMPLE.refreshToken },
          answer: { status: 200, body: { status: "OK" } },
        },
        "an unknown refresh token": {
          body: { refresh_token: "a-token-that-nobody-was-given" },
          answer: { status: 400, body: refusal("Refresh token not found") },
        },
      },
    },
    async ({ body, caller, context }) => {
      await tokens.revoke(body.refresh_token, caller, context);
      return { status: "OK" };
    },
  ),
];
