import { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { agentNameOf } from "../agents/cookie.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { Problem } from "../http/problem.ts";
import { json, noContent, ok, text, wireDate } from "../http/reply.ts";
import { AGENTS, PEOPLE, PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import type { Job, JobListing } from "../store/jobs.ts";
import {
  FoundJobs,
  HandedOutJob,
  JobAction,
  JobState,
  PopQuery,
  QueueJobs,
  SEARCH_STATES,
  SearchQuery,
  SubmittedJob,
} from "./schema.ts";
import type { JobService } from "./service.ts";

/** Longest wait for a job that is granted, in seconds: below the time limits of proxies and of agents. */
const MAX_WAIT = 50;

const tag = "Jobs";
const badId = { description: "The job id is no UUID" };
const unknownJob = { description: "No such job; empty" };

export const jobRoutes = (jobs: JobService): Route[] => [
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
              job_id: SAMPLE.job,
              job_queue: SAMPLE.queue,
              name: "nightly wifi",
              tags: ["nightly", "wifi"],
              provision_data: { distro: "noble" },
              test_data: { test_cmds: "true" },
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
    async ({ query, request, context }) => {
      if (!query.queue?.length) throw new Problem(400, "No queue(s) specified in request");
      const agent = agentNameOf(request);
      if (agent === undefined) throw new Problem(401, "Agent not identified");
      const wait = query.wait === undefined ? undefined : Math.min(query.wait, MAX_WAIT);
      const job = await jobs.take({ agent, queues: [...new Set(query.queue)], signal: request.signal }, wait, context);
      return job ?? noContent();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/search",
      id: "searchJobs",
      tag,
      access: PEOPLE,
      summary: "Find jobs by tag and state",
      query: SearchQuery,
      responses: { 200: { description: "Jobs found, newest first", body: FoundJobs } },
      examples: {
        "what the nightly run is doing": {
          query: { tags: ["nightly", "wifi"], match: "all", state: ["active"] },
          answer: { status: 200, body: [{ job_id: SAMPLE.job, job_state: "waiting", created_at: SAMPLE.now }] },
        },
        "a state that no job has": {
          query: { state: ["done"] },
          answer: {
            status: 422,
            body: refusal("Validation error", {
              query: { state: { 0: [`Must be one of: ${SEARCH_STATES.join(", ")}.`] } },
            }),
          },
        },
      },
    },
    async ({ query }) => {
      const { tags = [], match = "any", state: states = [] } = query;
      const found = await jobs.search({ tags, match, states, active: states.includes("active") });
      return found.map(({ createdAt, id, state }) => ({
        created_at: wireDate(createdAt),
        job_id: id,
        job_state: state,
      }));
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/:job_id",
      id: "getJob",
      tag,
      access: PEOPLE,
      summary: "Read the definition of a job",
      responses: {
        200: { description: "As submitted; secrets by their paths", body: JobSubmission },
        204: unknownJob,
        400: badId,
      },
      examples: {
        "a job": {
          answer: {
            status: 200,
            body: {
              job_id: SAMPLE.job,
              job_queue: SAMPLE.queue,
              name: "nightly wifi",
              tags: ["nightly", "wifi"],
              provision_data: { distro: "noble" },
              test_data: { test_cmds: "true" },
              exclude_agents: [],
            },
          },
        },
        "no UUID": {
          params: { job_id: "nightly-wifi" },
          answer: { status: 400, body: refusal("Invalid job_id specified") },
        },
      },
    },
    async ({ params }) => {
      const job = await jobs.find(params.job_id);
      return job ? definitionOf(job) : noContent();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/:job_id/state",
      id: "getJobState",
      tag,
      access: PEOPLE_AND_AGENTS,
      summary: "Read the state of a job",
      description:
        "State, results of phases, place in the queue and times in one answer whose cost does not depend on the job's logs.",
      responses: { 200: { description: "State of the job", body: JobState }, 204: unknownJob, 400: badId },
      examples: {
        "it waits as the first of its queue": {
          answer: {
            status: 200,
            body: {
              job_id: SAMPLE.job,
              job_state: "waiting",
              phases: {},
              queue: SAMPLE.queue,
              position: 0,
              agent: null,
              created_at: SAMPLE.nowInFull,
              started_at: null,
              ended_at: null,
            },
          },
        },
        "its test has failed": {
          answer: {
            status: 200,
            body: {
              job_id: SAMPLE.job,
              job_state: "complete",
              phases: { setup: 0, provision: 0, test: 1 },
              queue: SAMPLE.queue,
              position: null,
              agent: SAMPLE.agent,
              created_at: SAMPLE.nowInFull,
              started_at: SAMPLE.nowInFull,
              ended_at: SAMPLE.nowInFull,
            },
          },
        },
      },
    },
    async ({ params }) => (await jobs.state(params.job_id)) ?? noContent(),
  ),
  route(
    {
      method: "GET",
      path: "/v1/job/:job_id/position",
      id: "getJobPosition",
      tag,
      access: PEOPLE,
      summary: "How many jobs are ahead in the queue",
      responses: {
        200: { description: "Number of waiting jobs ahead; 0: it is next", body: "text" },
        400: badId,
        410: { description: "The job does not wait, or is unknown", body: "text" },
      },
      examples: {
        "it is next": { answer: { status: 200, body: "0" } },
        "it has started": { answer: { status: 410, body: "Job not found or already started\n" } },
      },
    },
    async ({ params }) => {
      const position = await jobs.position(params.job_id);
      if (position === null) throw new Problem(410, "Job not found or already started\n", { form: "text" });
      return text(String(position));
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
  route(
    {
      method: "GET",
      path: "/v1/queues/:queue_name/jobs",
      id: "listQueueJobs",
      tag: "Queues",
      access: PEOPLE,
      summary: "Jobs of a queue in any state",
      responses: { 200: { description: "Oldest first", body: QueueJobs }, 204: { description: "No job" } },
      examples: {
        "a job waits": {
          answer: {
            status: 200,
            body: [{ job_id: SAMPLE.job, job_queue: SAMPLE.queue, job_state: "waiting", created_at: SAMPLE.now }],
          },
        },
      },
    },
    async ({ params }) => {
      const found = await jobs.inQueue(params.queue_name);
      return found.length ? json(found.map(queueJob)) : noContent();
    },
  ),
];

const queueJob = ({ createdAt, id, queue, state }: JobListing) => ({
  created_at: wireDate(createdAt),
  job_id: id,
  job_queue: queue,
  job_state: state,
});

const KNOWN = Object.keys(JobDefinition.properties) as (keyof JobDefinition)[];

/** Old documents may hold more, or sections that no longer fit the schema: known fields are sent as they are. */
function definitionOf({ id, definition }: Job): Record<string, unknown> {
  const known = KNOWN.filter((name) => definition[name] !== undefined).map((name) => [name, definition[name]]);
  return { job_id: id, ...Object.fromEntries(known), exclude_agents: definition.exclude_agents ?? [] };
}
