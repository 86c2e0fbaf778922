import { JobSubmission } from "../../shared/job/definition.ts";
import { agentNameOf } from "../agents/cookie.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { Problem } from "../http/problem.ts";
import { noContent, ok } from "../http/reply.ts";
import { AGENTS, PEOPLE, type Route, route } from "../http/route.ts";
import { JOB } from "./example.ts";
import type { JobHandout } from "./handout.ts";
import { HandedOutJob, JobAction, PopQuery, SubmittedJob } from "./schema.ts";
import type { JobService } from "./service.ts";

/** Longest wait for a job that is granted, in seconds: below the time limits of proxies and of agents. */
const MAX_WAIT = 50;

const tag = "Jobs";

const jobOrNone = (job: Record<string, unknown> | null) => job ?? noContent();

/** How jobs come in, are taken by agents and are cancelled. */
export const jobRoutes = (jobs: JobService, handout: Pick<JobHandout, "take">): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/job",
      id: "submitJob",
      tag,
      access: PEOPLE,
      summary: "Submit a job",
      description:
        "The job waits in its queue for an agent. Priority above 0, restricted queues and reservations over 6 hours need permission. " +
        "A job with attachments is handed out only after they are uploaded.",
      body: JobSubmission,
      responses: {
        200: { description: "The job is accepted", body: SubmittedJob },
        400: { description: "The given job id is no UUID" },
        409: { description: "A job of that id is being worked on" },
      },
      examples: {
        "install an image and run a test": {
          body: {
            job_queue: SAMPLE.queue,
            name: "nightly wifi",
            tags: ["nightly", "wifi"],
            global_timeout: 7200,
            provision_data: { url: "https://images.example.com/rpi4/noble-server.img.xz" },
            test_data: { test_cmds: "ssh ubuntu@$DEVICE_IP iw dev wlan0 scan\n" },
          },
          answer: { status: 200, body: { job_id: SAMPLE.newJob } },
        },
        "reserve a device for two hours": {
          body: {
            job_queue: SAMPLE.queue,
            provision_data: { distro: "noble" },
            reserve_data: { ssh_keys: ["lp:olga", "gh:olga"], timeout: "2h" },
          },
          answer: { status: 200, body: { job_id: SAMPLE.newJob } },
        },
        "a field with a wrong name": {
          body: { job_queue: SAMPLE.queue, test_data: { test_cmd: "true" } },
          answer: {
            status: 422,
            body: refusal("Validation error", { json: { test_data: { test_cmd: ["Unknown field."] } } }),
          },
        },
        "no access token, where a login is needed": {
          body: { job_queue: SAMPLE.queue },
          answer: { status: 401, body: refusal("Authentication is required for specified endpoint") },
        },
        "a restricted queue of somebody else": {
          body: { job_queue: SAMPLE.restrictedQueue },
          answer: {
            status: 403,
            body: refusal(`Not enough permissions to push to the restricted queue: ${SAMPLE.restrictedQueue}`),
          },
        },
        "a reservation of a day without permission": {
          body: { job_queue: SAMPLE.queue, reserve_data: { ssh_keys: ["lp:olga"], timeout: "1d" } },
          answer: {
            status: 403,
            body: refusal(`Not enough permissions to push to ${SAMPLE.queue} with reservation timeout 86400`),
          },
        },
        "a priority that the client has no permission for": {
          body: { job_queue: SAMPLE.queue, job_priority: 100 },
          answer: { status: 403, body: refusal(`Not enough permissions to push to ${SAMPLE.queue} with priority 100`) },
        },
        "a job of that id is running": {
          body: { job_id: SAMPLE.job, job_queue: SAMPLE.queue },
          answer: {
            status: 409,
            body: refusal(
              `Job ${SAMPLE.job} is being worked on. Cancel it, or submit without job_id to get a new job.`,
            ),
          },
        },
      },
    },
    async ({ caller, body }) => ({ job_id: await jobs.submit(caller, body) }),
  ),
  route(
    {
      method: "GET",
      path: "/v1/job",
      id: "takeJob",
      tag,
      access: AGENTS,
      noHead: true,
      summary: "Take the next job",
      description:
        "For agents. Highest priority first, then the oldest. The agent is known by the cookie that its registration set. Secrets are put in place of their paths.",
      query: PopQuery,
      responses: {
        200: { description: "The job; it is now running", body: HandedOutJob },
        204: { description: "No job" },
        400: { description: "No queue named" },
      },
      examples: {
        "a job waits": {
          query: { queue: [SAMPLE.queue], wait: 50 },
          answer: {
            status: 200,
            body: {
              ...JOB,
              exclude_agents: [],
              started_at: SAMPLE.now,
            },
          },
        },
        "the agent has not registered": {
          query: { queue: [SAMPLE.queue] },
          answer: { status: 401, body: refusal("Agent not identified") },
        },
        "no queue named": { answer: { status: 400, body: refusal("No queue(s) specified in request") } },
      },
    },
    ({ query, request, context }) => {
      if (!query.queue?.length) throw new Problem(400, "No queue(s) specified in request");
      const agent = agentNameOf(request);
      if (agent === undefined) throw new Problem(401, "Agent not identified");
      const wait = query.wait === undefined ? undefined : Math.min(query.wait, MAX_WAIT);
      const asking = { agent, queues: [...new Set(query.queue)], signal: request.signal };
      // Not awaited, for the same reason as in the handout: agents wait here.
      return handout.take(asking, wait, context).then(jobOrNone);
    },
  ),
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/action",
      id: "actOnJob",
      tag,
      access: PEOPLE,
      audit: "sensitive_update",
      summary: "Cancel a job",
      description:
        "A running job is stopped by its agent before the next phase, or within ten seconds; provisioning is not interrupted.",
      body: JobAction,
      responses: {
        200: { description: "Cancelled", body: "text" },
        400: { description: "No UUID, unknown, or already ended", body: ["text", "error"] },
      },
      examples: {
        "a waiting job": { body: { action: "cancel" }, answer: { status: 200, body: "OK" } },
        "it has ended before": {
          body: { action: "cancel" },
          answer: { status: 400, body: "The job is already completed or cancelled" },
        },
        "an action that there is not": {
          body: { action: "restart" },
          answer: { status: 422, body: refusal("Validation error", { json: { action: ["Must be one of: cancel."] } }) },
        },
      },
    },
    async ({ caller, params }) => {
      await jobs.cancel(caller, params.job_id);
      return ok();
    },
  ),
];
