import { refusal, SAMPLE } from "../http/example.ts";
import { json } from "../http/reply.ts";
import { type Route, route } from "../http/route.ts";
import { MIN_SECRET_LENGTH } from "./client-secret.ts";
import type { OwnSecret } from "./own-secret.ts";
import { MAX_BODY, NO_STORE } from "./routes.ts";
import { ChangedSecret, NewSecret } from "./schema.ts";

/** A client's care for its own secret; an addition to the reference. */
export const ownSecretRoutes = (ownSecret: OwnSecret): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/oauth2/secret",
      id: "changeOwnSecret",
      tag: "Tokens",
      access: { open: "checks a client id and its present secret (HTTP Basic)" },
      credentials: "basic",
      summary: "Change the secret of the client itself",
      description:
        "The client proves who it is with its present secret (HTTP Basic, RFC 7617); a token does not do. Its other logins end. " +
        "People who log in through an identity provider have no secret here.",
      body: NewSecret,
      maxBody: MAX_BODY,
      responses: {
        200: { description: "Changed; with the new secret if the server made it", body: ChangedSecret },
        401: { description: "No credentials, or wrong ones", body: "text" },
        422: { description: "Not usable as the new secret" },
      },
      examples: {
        "with a secret of the client's own": {
          body: { client_secret: "another correct horse battery staple" },
          answer: { status: 200, body: { client_id: SAMPLE.client } },
        },
        "with a secret that the server makes": {
          body: {},
          answer: { status: 200, body: { client_id: SAMPLE.client, client_secret: SAMPLE.clientSecret } },
        },
        "a short secret": {
          body: { client_secret: "staple" },
          answer: {
            status: 422,
            body: refusal("Validation error", {
              json: { client_secret: [`Shorter than minimum length ${MIN_SECRET_LENGTH}.`] },
            }),
          },
        },
        "a wrong present secret": {
          body: {},
          answer: { status: 401, body: "Invalid client id or client key" },
        },
      },
    },
    async ({ request, body, context }) =>
      json(await ownSecret.change(request.headers.get("authorization"), body.client_secret, context), 200, NO_STORE),
  ),
];
