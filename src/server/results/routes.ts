import { type Phase, PHASES } from "../../shared/phases.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { noContent, ok } from "../http/reply.ts";
import { AGENTS, PEOPLE_AND_AGENTS, type Route, route } from "../http/route.ts";
import { ReportedResults, Results } from "./schema.ts";
import type { ResultService } from "./service.ts";

const tag = "Results";
const badId = { description: "The job id is no UUID" };

export const resultRoutes = (results: ResultService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/result/:job_id",
      id: "reportResults",
      tag,
      access: AGENTS,
      summary: "Report state and results of a job",
      description: "For agents. Each given field replaces the stored one; a job that has ended keeps its state.",
      body: ReportedResults,
      responses: {
        200: { description: "Stored; also for unknown jobs, of which nothing is kept", body: "text" },
        400: badId,
      },
      examples: {
        "the test begins": {
          body: {
            job_state: "test",
            status: { setup: 0, provision: 0 },
            device_info: { agent_name: SAMPLE.agent, device_ip: "10.102.7.31" },
          },
          answer: { status: 200, body: "OK" },
        },
        "a phase that there is not": {
          body: { status: { tests: 0 } },
          answer: {
            status: 422,
            body: refusal("Validation error", {
              json: { status: { tests: { key: [`Must be one of: ${PHASES.join(", ")}.`] } } },
            }),
          },
        },
      },
    },
    async ({ params, body }) => {
      const { job_state: state, status, device_info: deviceInfo } = body;
      await results.report(params.job_id, {
        state,
        status: status as Partial<Record<Phase, number>> | undefined,
        deviceInfo,
      });
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/result/:job_id",
      id: "getResults",
      tag,
      access: PEOPLE_AND_AGENTS,
      summary: "Read state, results and whole logs of a job",
      description:
        "To follow a job read its state and its log from the last fragment on, or the stream, instead: this answer grows with the logs.",
      responses: {
        200: { description: "Results", body: Results },
        204: { description: "No such job; empty" },
        400: badId,
      },
      examples: {
        "the test has failed": {
          answer: {
            status: 200,
            body: {
              job_state: "complete",
              device_info: { agent_name: SAMPLE.agent, device_ip: "10.102.7.31" },
              setup_status: 0,
              provision_status: 0,
              test_status: 1,
              test_output: "No wireless interface found\n",
            },
          },
        },
        "no UUID": {
          params: { job_id: "nightly-wifi" },
          answer: { status: 400, body: refusal("Invalid job_id specified") },
        },
      },
    },
    async ({ params }) => (await results.read(params.job_id)) ?? noContent(),
  ),
];
