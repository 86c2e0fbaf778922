import { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { agentNameOf } from "../agents/cookie.ts";
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
