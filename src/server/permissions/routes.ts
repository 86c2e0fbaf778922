import { list } from "../../shared/wire.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { ok, text } from "../http/reply.ts";
import { ADMINS, MANAGERS, type Route, route } from "../http/route.ts";
import { ClientPermissions, PermissionChanges } from "./schema.ts";
import type { PermissionService } from "./service.ts";

const UNKNOWN_CLIENT = { description: "No such client" };

export const permissionRoutes = (permissions: PermissionService): Route[] => [
  route(
    {
      method: "GET",
      path: "/v1/client-permissions",
      id: "listClientPermissions",
      tag: "Clients",
      access: MANAGERS,
      summary: "List all clients and what they may do",
      responses: { 200: { description: "All clients", body: list(ClientPermissions) } },
      examples: {
        "one client": {
          answer: {
            status: 200,
            body: [
              {
                client_id: SAMPLE.client,
                role: "contributor",
                max_priority: { "*": 10, rpi4: 100 },
                max_reservation_time: { rpi4: 86_400 },
              },
            ],
          },
        },
      },
    },
    () => permissions.list(),
  ),
  route(
    {
      method: "GET",
      path: "/v1/client-permissions/:client_id",
      id: "getClientPermissions",
      tag: "Clients",
      access: MANAGERS,
      summary: "What a client may do",
      responses: { 200: { description: "The client", body: ClientPermissions }, 404: UNKNOWN_CLIENT },
      examples: {
        "a client": {
          answer: {
            status: 200,
            body: {
              client_id: SAMPLE.client,
              role: "contributor",
              max_priority: { "*": 10, rpi4: 100 },
              max_reservation_time: { rpi4: 86_400 },
            },
          },
        },
        "an unknown client": {
          params: { client_id: "ci-weekly" },
          answer: { status: 404, body: refusal("Error: Specified client_id does not exist.") },
        },
      },
    },
    ({ params }) => permissions.find(params.client_id),
  ),
  route(
    {
      method: "PUT",
      path: "/v1/client-permissions/:client_id",
      id: "setClientPermissions",
      tag: "Clients",
      access: MANAGERS,
      summary: "Create a client or change it",
      description:
        "Given fields replace the old ones as a whole, others stay. Callers reach no role above their own. " +
        "`group:NAME` is a group of the identity provider: its members may do what it may, from their next access token on. " +
        "A group has neither secret nor role.",
      body: PermissionChanges,
      responses: {
        200: { description: "Created or updated", body: "text" },
        400: { description: "A new client needs a secret" },
        403: { description: "The client has, or would get, a stronger role than the caller" },
        422: {
          description:
            "The system administrator cannot be changed, nor the identity of a person; a group has only limits and queues",
        },
      },
      examples: {
        "create a client": {
          body: {
            client_secret: "correct horse battery staple",
            role: "contributor",
            max_priority: { "*": 10, rpi4: 100 },
            max_reservation_time: { rpi4: 86_400 },
          },
          answer: { status: 200, body: `Created permissions for client '${SAMPLE.client}'` },
        },
        "let the members of a group into all restricted queues of a kind": {
          params: { client_id: SAMPLE.group },
          body: { allowed_queue_patterns: ["rpi4-*"] },
          answer: { status: 200, body: `Created permissions for client '${SAMPLE.group}'` },
        },
        "give a client more priority": {
          body: { max_priority: { "*": 200 } },
          answer: { status: 200, body: `Updated permissions for client '${SAMPLE.client}'` },
        },
        "a new client without a secret": {
          params: { client_id: "ci-weekly" },
          body: { role: "contributor" },
          answer: { status: 400, body: refusal("Error: Missing client_secret in request body for new client") },
        },
      },
    },
    async ({ params, body, caller, context }) => {
      const id = params.client_id;
      const outcome = await permissions.set(id, body, caller, context);
      return text(`${outcome === "created" ? "Created" : "Updated"} permissions for client '${id}'`);
    },
  ),
  route(
    {
      method: "DELETE",
      path: "/v1/client-permissions/:client_id",
      id: "deleteClient",
      tag: "Clients",
      access: ADMINS,
      summary: "Delete a client",
      description: "Its refresh tokens and its ownership of queues go with it; these queues stay restricted.",
      responses: {
        200: { description: "Deleted", body: "text" },
        404: UNKNOWN_CLIENT,
        422: { description: "The system administrator cannot be deleted" },
      },
      examples: {
        "a client": { answer: { status: 200, body: "OK" } },
        "an unknown client": {
          params: { client_id: "ci-weekly" },
          answer: { status: 404, body: refusal("Error: Specified client_id does not exist.") },
        },
      },
    },
    async ({ params, caller, context }) => {
      await permissions.remove(params.client_id, caller, context);
      return ok();
    },
  ),
];
