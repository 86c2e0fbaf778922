import { list } from "../../shared/wire.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { ok } from "../http/reply.ts";
import { MANAGERS, PEOPLE, type Route, route } from "../http/route.ts";
import type { QueueOwners } from "./queue-owners.ts";
import { QueueOwner, RestrictedQueue } from "./schema.ts";

const NOT_RESTRICTED = { description: "The queue is not restricted" };

export const restrictedQueueRoutes = (owners: QueueOwners): Route[] => [
  route(
    {
      method: "GET",
      path: "/v1/restricted-queues",
      id: "listRestrictedQueues",
      tag: "Queues",
      access: PEOPLE,
      summary: "List restricted queues",
      responses: { 200: { description: "Restricted queues and their owners", body: list(RestrictedQueue) } },
      examples: {
        "one queue": {
          answer: { status: 200, body: [{ queue: SAMPLE.restrictedQueue, owners: [SAMPLE.client] }] },
        },
      },
    },
    () => owners.list(),
  ),
  route(
    {
      method: "GET",
      path: "/v1/restricted-queues/:queue_name",
      id: "getRestrictedQueue",
      tag: "Queues",
      access: PEOPLE,
      summary: "Owners of a restricted queue",
      responses: { 200: { description: "The queue", body: RestrictedQueue }, 404: NOT_RESTRICTED },
      examples: {
        "a queue of one client": {
          params: { queue_name: SAMPLE.restrictedQueue },
          answer: { status: 200, body: { queue: SAMPLE.restrictedQueue, owners: [SAMPLE.client] } },
        },
        "a queue for everybody": {
          params: { queue_name: SAMPLE.queue },
          answer: { status: 404, body: refusal("Error: Restricted queue not found.") },
        },
      },
    },
    ({ params }) => owners.find(params.queue_name),
  ),
  route(
    {
      method: "POST",
      path: "/v1/restricted-queues/:queue_name",
      id: "addQueueOwner",
      tag: "Queues",
      access: MANAGERS,
      summary: "Restrict a queue to its owners, and add one",
      description:
        "What owners may do acts from their next access token on. No role is exempt: admins submit as owners only.",
      body: QueueOwner,
      responses: {
        200: { description: "Added", body: "text" },
        400: { description: "The client id is empty" },
        404: { description: "No such client, or no agent serves the queue" },
        422: { description: "No group can have this name" },
      },
      examples: {
        "restrict a queue to a client": {
          params: { queue_name: SAMPLE.restrictedQueue },
          body: { client_id: SAMPLE.client },
          answer: { status: 200, body: "OK" },
        },
        "restrict a queue to the members of a group": {
          params: { queue_name: SAMPLE.restrictedQueue },
          body: { client_id: SAMPLE.group },
          answer: { status: 200, body: "OK" },
        },
        "a queue that no agent serves": {
          params: { queue_name: "rpi5" },
          body: { client_id: SAMPLE.client },
          answer: { status: 404, body: refusal("Error: No agent is associated with the specified queue.") },
        },
      },
    },
    async ({ params, body, caller, context }) => {
      await owners.add(params.queue_name, body.client_id, caller, context);
      return ok();
    },
  ),
  route(
    {
      method: "DELETE",
      path: "/v1/restricted-queues/:queue_name",
      id: "removeQueueOwner",
      tag: "Queues",
      access: MANAGERS,
      summary: "Remove an owner of a restricted queue",
      description: "The restriction ends with its last owner. Whoever a pattern lets in is one.",
      body: QueueOwner,
      responses: {
        200: { description: "Removed", body: "text" },
        400: { description: "The client id is empty" },
        404: NOT_RESTRICTED,
        409: { description: "A pattern makes the client an owner: `allowed_queue_patterns` is to be changed" },
      },
      examples: {
        "the last owner: the queue is open to everybody again": {
          params: { queue_name: SAMPLE.restrictedQueue },
          body: { client_id: SAMPLE.client },
          answer: { status: 200, body: "OK" },
        },
        "a queue that is not restricted": {
          params: { queue_name: SAMPLE.queue },
          body: { client_id: SAMPLE.client },
          answer: { status: 404, body: refusal("Error: Restricted queue not found.") },
        },
      },
    },
    async ({ params, body, caller, context }) => {
      await owners.remove(params.queue_name, body.client_id, caller, context);
      return ok();
    },
  ),
];
