import { JobSubmission } from "../../shared/job/definition.ts";
import { agentNameOf } from "../agents/cookie.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { ok } from "../http/reply.ts";
import { AGENTS, type Route, route } from "../http/route.ts";
import { type ChildJobs, MAX_CHILDREN } from "./children.ts";
import { JobAction, SubmittedJob } from "./schema.ts";

const tag = "Jobs";
const unidentified = { description: "The cookie that registration set is missing" };
const notTheAgent = { description: "The parent was handed to another agent, or its submitter may not submit this" };

/** How agents of multi-device jobs make and end the jobs of the other devices; an addition to the reference. */
export const childJobRoutes = (children: ChildJobs): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/children",
      id: "submitChildJob",
      tag,
      access: AGENTS,
      audit: "sensitive_create",
      summary: "Submit a child of a running job",
      description:
        "For the agent that works on the parent, with the cookie that its registration set. The child belongs to the parent's submitter, whose " +
        "permissions count and whose secrets it may use, if the parent names them in its `test_data` or in that of one of its `provision_data.jobs`. " +
        `There are no attachments, no children of children, and ${MAX_CHILDREN} children at most. ` +
        "When the parent is cancelled, its agent cancels the children.",
      body: JobSubmission,
      responses: {
        200: { description: "The job is accepted", body: SubmittedJob },
        400: { description: "A job id is no UUID" },
        401: unidentified,
        403: notTheAgent,
        404: { description: "No such parent" },
        409: { description: "The parent takes no children, or a job of the given id is something else" },
      },
      examples: {
        "the other device of a test": {
          body: { job_queue: SAMPLE.queue, test_data: { test_cmds: "iperf3 --server\n" } },
          answer: { status: 200, body: { job_id: SAMPLE.newJob } },
        },
        "a priority that the parent's submitter has no permission for": {
          body: { job_queue: SAMPLE.queue, job_priority: 1000 },
          answer: {
            status: 403,
            body: refusal(`Not enough permissions to push to ${SAMPLE.queue} with priority 1000`),
          },
        },
        "the parent is another agent's": {
          body: { job_queue: SAMPLE.queue },
          answer: { status: 403, body: refusal(`Job ${SAMPLE.job} was not handed out to this agent`) },
        },
        "the parent has ended": {
          body: { job_queue: SAMPLE.queue },
          answer: {
            status: 409,
            body: refusal(`Job ${SAMPLE.job} is not being worked on: it takes no child jobs`),
          },
        },
      },
    },
    async ({ caller, params, body, request }) => ({
      job_id: await children.submit({ caller, name: agentNameOf(request) }, params.job_id, body),
    }),
  ),
  route(
    {
      method: "POST",
      path: "/v1/job/:job_id/children/:child_id/action",
      id: "actOnChildJob",
      tag,
      access: AGENTS,
      audit: "sensitive_update",
      summary: "Cancel a child of a job",
      description: "For the agent that the parent was handed to, also after the parent has ended.",
      body: JobAction,
      responses: {
        200: { description: "Cancelled", body: "text" },
        400: { description: "No UUID, or already ended", body: ["text", "error"] },
        401: unidentified,
        403: { description: "The parent was handed to another agent" },
        404: { description: "No such parent, or no such child of it" },
      },
      examples: {
        "the test is over": { body: { action: "cancel" }, answer: { status: 200, body: "OK" } },
        "a job that is no child of it": {
          params: { child_id: SAMPLE.unknownJob },
          body: { action: "cancel" },
          answer: { status: 404, body: refusal(`Job ${SAMPLE.job} has no child job ${SAMPLE.unknownJob}`) },
        },
      },
    },
    async ({ caller, params, request }) => {
      await children.cancel({ caller, name: agentNameOf(request) }, params.job_id, params.child_id);
      return ok();
    },
  ),
];
