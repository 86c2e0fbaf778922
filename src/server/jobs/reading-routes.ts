import { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { Problem } from "../http/problem.ts";
import { json, noContent, text, wireDate } from "../http/reply.ts";
import { PEOPLE, PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import type { Job, JobListing } from "../store/jobs.ts";
import { JOB } from "./example.ts";
import { FoundJobs, JobState, QueueJobs, SEARCH_STATES, SearchQuery } from "./schema.ts";
import type { JobService } from "./service.ts";

const tag = "Jobs";
const badId = { description: "The job id is no UUID" };
const unknownJob = { description: "No such job; empty" };

/** What is told of jobs, one by one and in lists. */
export const jobReadingRoutes = (jobs: JobService): Route[] => [
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
              ...JOB,
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
