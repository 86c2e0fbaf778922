import type { Static } from "@sinclair/typebox";
import { dictionary, email, fields, flag, integer, list, nullable, oneOf, optional, text } from "../../shared/wire.ts";
import { MIN_SECRET_LENGTH } from "../tokens/client-secret.ts";

/** Roles in the order in which validation messages name them (server-api section 6.37). */
const ROLE_NAMES = ["admin", "manager", "contributor", "agent"] as const;

const limits = {
  max_priority: optional(
    dictionary(integer(), { description: "Highest job priority by queue; `*` stands for every queue" }),
  ),
  max_reservation_time: optional(
    dictionary(integer(), { description: "Longest reservation in seconds by queue; `*` stands for every queue" }),
  ),
};

const agentNames = list(text({ minLength: 1 }), {
  description: "Agents that the client may act as; `*` stands for any characters. Without it every one",
});

const queuePatterns = list(text({ minLength: 1, maxLength: 200 }), {
  maxItems: 100,
  description:
    "Restricted queues that the client may submit to, `*` for any characters; each of these queues tells it as an owner. " +
    "A queue that is restricted stays so when a pattern goes",
});

/** What can be changed of a client; what is left out stays as it is. */
export const PermissionChanges = fields(
  {
    client_secret: optional(
      text({ minLength: MIN_SECRET_LENGTH, description: "At most 72 bytes of UTF-8; required for a new client" }),
    ),
    ...limits,
    role: optional(oneOf(ROLE_NAMES)),
    email: optional(email("Contact of a password client")),
    allowed_queue_patterns: optional(queuePatterns),
    allowed_agents: optional(nullable(agentNames)),
    disabled: optional(flag({ description: "Neither logs in nor gets new access tokens" })),
  },
  { title: "PermissionChanges" },
);
export type PermissionChanges = Static<typeof PermissionChanges>;

export const ClientPermissions = fields(
  {
    client_id: text({
      description: "A chosen name, a person's e-mail address, or `group:NAME` for what all members of a group may do",
    }),
    role: text(),
    ...limits,
    allowed_queues: optional(list(text(), { description: "Restricted queues that the client owns, by their names" })),
    allowed_queue_patterns: optional(queuePatterns),
    groups: optional(
      list(text(), {
        description: "Groups of the identity provider that the person was in at the last login, by `OIDC_GROUPS_CLAIM`",
      }),
    ),
    email: optional(text({ description: "Contact of a password client" })),
    allowed_agents: optional(agentNames),
    disabled: optional(flag({ description: "Present, and true, of a client that is shut out" })),
  },
  { title: "ClientPermissions" },
);
export type ClientPermissions = Static<typeof ClientPermissions>;

export const RestrictedQueue = fields(
  {
    queue: text(),
    owners: list(text(), {
      description: "Who may submit jobs to the queue: clients, and `group:NAME` for the members of a group",
    }),
  },
  { title: "RestrictedQueue" },
);

/** May be empty: the reference tells that apart from an absent one (server-api section 6.33). */
export const QueueOwner = fields(
  { client_id: text({ description: "A client, or `group:NAME` for all members of a group of the identity provider" }) },
  { title: "QueueOwner" },
);
