import { refusal, SAMPLE } from "../http/example.ts";
import { text } from "../http/reply.ts";
import { AGENTS, type Route, route } from "../http/route.ts";
import { JobEvents } from "./schema.ts";
import type { EventService } from "./service.ts";
import type { WebhookAnswer } from "./webhook.ts";

export const eventRoutes = (events: EventService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/events",
      id: "postJobEvents",
      tag: "Jobs",
      access: AGENTS,
      summary: "Pass events of a job on to its webhook",
      description:
        "For agents. The events are sent on by PUT at once, and the webhook's status and text are the answer. Only webhooks on the host that the " +
        "operator has configured are called, and of a job that names a webhook only that one.",
      body: JobEvents,
      responses: {
        200: { description: "What the webhook answered; likewise any other status of its", body: "text" },
        400: { description: "The job id is no UUID" },
        403: { description: "The webhook is not allowed" },
        404: { description: "No such job" },
        500: { description: "No webhook host is configured" },
        502: { description: "The webhook is not reachable, or refuses the server's credentials" },
        504: { description: "The webhook did not answer in time" },
      },
      examples: {
        "the test begins": {
          body: {
            agent_id: SAMPLE.agent,
            job_queue: SAMPLE.queue,
            job_status_webhook: "https://ci.example.com/testflinger/events",
            events: [{ event_name: "test_start", timestamp: SAMPLE.now, detail: "" }],
          },
          answer: { status: 200, body: "thanks" },
        },
        "a webhook on another host": {
          body: { job_status_webhook: "https://elsewhere.example/", events: [] },
          answer: { status: 403, body: refusal("Invalid job_status_webhook URL specified") },
        },
      },
    },
    async ({ params, body }) => relayed(await events.relay(params.job_id, body)),
  ),
];

/** Statuses whose answers cannot have a body (Fetch standard, null body status). */
const BODILESS = [204, 205, 304];

const relayed = ({ status, text: body }: WebhookAnswer): Response =>
  BODILESS.includes(status) ? new Response(null, { status }) : text(body, status);
