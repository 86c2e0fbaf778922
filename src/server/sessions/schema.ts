import { fields, flag, oneOf, optional, text } from "../../shared/wire.ts";

export const SessionQuery = fields({
  client_id: optional(text({ description: "Whose logins; for admins. The caller's own by default" })),
});

const instant = (description: string) => text({ format: "date-time", description });

export const LoginSession = fields(
  {
    id: text({ description: "To end the login by; no credential" }),
    client_id: text(),
    kind: oneOf(["browser", "cli", "secret", "agent", "unknown"], {
      description:
        "`cli`: a person's command line; `secret`: a client's own id and secret; `agent`: the token file of an agent; `unknown`: made by the Python server or an earlier version",
    }),
    issued_at: instant("When the login happened"),
    expires_at: optional(instant("When it ends by itself")),
    last_accessed: instant("When it was last used: a visit, or a new access token"),
    address: optional(text({ description: "Where it was last used from" })),
    current: flag({ description: "Is it the login of the token that the request came with?" }),
  },
  { title: "LoginSession" },
);
