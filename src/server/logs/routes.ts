import { isLogType, type LogType } from "../../shared/phases.ts";
import { isUuid } from "../../shared/text/uuid.ts";
import { decode } from "../../shared/validation/decode.ts";
import { refusal, SAMPLE } from "../http/example.ts";
import { Problem } from "../http/problem.ts";
import { parametersOf, queryValues } from "../http/query.ts";
import { ok } from "../http/reply.ts";
import { AGENTS, PEOPLE, type Route, route } from "../http/route.ts";
import { assertJobId } from "../jobs/service.ts";
import { eventStream } from "./event-stream.ts";
import { Log, LogQueryParameters, PostedFragment } from "./schema.ts";
import type { LogService } from "./service.ts";

const tag = "Logs";
const noSuchLog = { description: "The log type is neither `output` nor `serial`" };

/** How the stream of a job ends that is complete, line by line. */
const COMPLETE = [
  "event: state",
  'data: {"job_state":"complete"}',
  "",
  "event: end",
  'data: {"job_state":"complete"}',
  "\n",
];

export const logRoutes = (logs: LogService): Route[] => [
  route(
    {
      method: "POST",
      path: "/v1/result/:job_id/log/:log_type",
      id: "postLog",
      tag,
      access: AGENTS,
      summary: "Append a fragment to a log",
      description:
        "For agents. A repeated fragment is stored once, so that a post may be repeated after a lost answer.",
      body: PostedFragment,
      responses: {
        200: { description: "Stored; also for unknown jobs, of which nothing is kept", body: "text" },
        400: { description: "The job id is no UUID" },
        404: noSuchLog,
      },
      examples: {
        "the test prints a line": {
          body: {
            fragment_number: 0,
            timestamp: SAMPLE.now,
            phase: "test",
            log_data: "No wireless interface found\n",
          },
          answer: { status: 200, body: "OK" },
        },
        "a log that there is not": {
          params: { log_type: "kernel" },
          body: { fragment_number: 0, timestamp: SAMPLE.now, phase: "test", log_data: "" },
          answer: { status: 404, body: refusal("There is no log 'kernel'. Use 'output' or 'serial'.") },
        },
      },
    },
    async ({ params, body }) => {
      const type = logType(params.log_type);
      assertJobId(params.job_id);
      await logs.append({
        jobId: params.job_id,
        type,
        phase: body.phase,
        number: body.fragment_number,
        timestamp: body.timestamp,
        data: body.log_data,
      });
      return ok();
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/result/:job_id/log/:log_type",
      id: "getLog",
      tag,
      access: PEOPLE,
      summary: "Read a log from a fragment on",
      description:
        "Ask for what is new with `start_fragment` = largest `last_fragment_number` + 1. Unknown jobs have empty logs.",
      queryText: LogQueryParameters,
      responses: {
        200: { description: "Text by phase", body: Log },
        400: {
          description: "The job id is no UUID, or a parameter is wrong: `message` is an object of field -> messages",
        },
        404: noSuchLog,
      },
      examples: {
        "what is new in the test since fragment 0": {
          query: { start_fragment: 1, phase: "test" },
          answer: {
            status: 200,
            body: { output: { test: { last_fragment_number: 1, log_data: "Retrying in 5 s\n" } } },
          },
        },
        "what the agent has sent since a time": {
          query: { start_timestamp: SAMPLE.now, phase: "cleanup" },
          answer: { status: 200, body: { output: { cleanup: { last_fragment_number: -1, log_data: "" } } } },
        },
        "a parameter that is not valid": {
          query: { start_fragment: -1 },
          answer: {
            status: 400,
            body: { detail: {}, message: { start_fragment: ["Must be greater than or equal to 0."] } },
          },
        },
      },
    },
    async ({ params, request }) => {
      const type = logType(params.log_type);
      const query = sliceOf(params.job_id, request);
      return { [type]: await logs.read(params.job_id, type, query) };
    },
  ),
  route(
    {
      method: "GET",
      path: "/v1/result/:job_id/log/:log_type/stream",
      id: "followLog",
      tag,
      access: PEOPLE,
      noHead: true,
      summary: "Follow a log live",
      description:
        "Server-Sent Events: `state` {job_state} at the start and at every change, `fragment` {fragment_number, phase, timestamp, log_data} with the " +
        "number as event id, `end` {job_state} when the job has ended and all is told. `Last-Event-ID` resumes after that fragment.",
      queryText: LogQueryParameters,
      responses: {
        200: { description: "The stream", body: "text/event-stream" },
        400: { description: "The job id is no UUID, or a parameter is wrong" },
        404: { description: "No such job or log" },
      },
      examples: {
        "a job that has ended": {
          answer: {
            status: 200,
            body: [
              "id: 0",
              "event: fragment",
              `data: {"fragment_number":0,"phase":"test","timestamp":"${SAMPLE.nowInFull}","log_data":"No wireless interface found\\n"}`,
              "",
              ...COMPLETE,
            ].join("\n"),
          },
        },
        "all but the first fragment, of one phase, since a time": {
          query: { start_fragment: 1, phase: "test", start_timestamp: SAMPLE.now },
          answer: {
            status: 200,
            body: COMPLETE.join("\n"),
          },
        },
        "an unknown job": {
          params: { job_id: SAMPLE.unknownJob },
          answer: { status: 404, body: refusal("Job not found") },
        },
      },
    },
    async ({ params, request }) => {
      const type = logType(params.log_type);
      const slice = sliceOf(params.job_id, request);
      const last = /^\d{1,15}$/.exec(request.headers.get("last-event-id") ?? "");
      if (last) slice.start_fragment = Number(last[0]) + 1;
      const events = await logs.follow(params.job_id, type, slice, request.signal);
      if (!events) throw new Problem(404, "Job not found");
      return eventStream(events);
    },
  ),
];

function logType(name: string): LogType {
  if (!isLogType(name)) throw new Problem(404, `There is no log '${name}'. Use 'output' or 'serial'.`);
  return name;
}

/** The reference reports faults of these parameters as 400 with an object of messages, after a fault of the id. */
function sliceOf(jobId: string, request: Request): LogQueryParameters {
  if (!isUuid(jobId)) throw new Problem(400, "Invalid job id\n");
  const decoded = decode(LogQueryParameters, queryValues(parametersOf(request.url), LogQueryParameters));
  if (!decoded.ok) throw new Problem(400, decoded.messages);
  return decoded.value;
}
