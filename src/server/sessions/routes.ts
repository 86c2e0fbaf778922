import { list } from "../../shared/wire.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { ok, wireDate } from "../http/reply.ts";
import { PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import type { LoginSessions } from "./login-sessions.ts";
import { LoginSession, SessionQuery } from "./schema.ts";

const tag = "Tokens";

export const sessionRoutes = (sessions: LoginSessions): Route[] => [
  route(
    {
      method: "GET",
      path: "/v1/oauth2/sessions",
      id: "listSessions",
      tag,
      access: PEOPLE_AND_AGENTS,
      summary: "List logins that have not ended",
      description: "Those of the command line, of programs and of browsers.",
      query: SessionQuery,
      responses: {
        200: { description: "Newest first", body: list(LoginSession) },
        403: { description: "Only admins may see the logins of others" },
      },
      examples: {
        "the login that asks": {
          answer: {
            status: 200,
            body: [
              {
                id: SAMPLE.session,
                client_id: SAMPLE.client,
                kind: "secret",
                issued_at: SAMPLE.now,
                expires_at: "2026-03-10T05:06:07Z",
                last_accessed: SAMPLE.now,
                address: "127.0.0.1",
                current: true,
              },
            ],
          },
        },
        "the logins of somebody else": {
          query: { client_id: "ci-weekly" },
          answer: { status: 403, body: refusal("Only admins may see the logins of others") },
        },
      },
    },
    async ({ query, caller }) =>
      (await sessions.list(caller, query.client_id)).map((session) => ({
        id: session.id,
        client_id: session.clientId,
        kind: session.kind,
        issued_at: wireDate(session.begunAt),
        expires_at: session.endsAt && wireDate(session.endsAt),
        last_accessed: wireDate(session.lastUsedAt),
        address: session.address,
        current: session.current,
      })),
  ),
  route(
    {
      method: "DELETE",
      path: "/v1/oauth2/sessions/:id",
      id: "endSession",
      tag,
      access: PEOPLE_AND_AGENTS,
      summary: "End a login",
      description:
        "One's own; admins any. A browser is signed out at once; access tokens that were issued before stay valid until they expire.",
      responses: {
        200: { description: "Ended", body: "text" },
        404: { description: "No such login, or one of somebody else" },
      },
      examples: {
        "a login": { answer: { status: 200, body: "OK" } },
        "a login that is no more": { answer: { status: 404, body: refusal("There is no such login") } },
      },
    },
    async ({ params, caller, context }) => {
      await sessions.end(params.id, caller, context);
      return ok();
    },
  ),
];
