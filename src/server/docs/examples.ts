import { type Example, SAMPLE } from "../http/example.ts";
import type { Route } from "../http/route.ts";
import type { Json } from "./schemas.ts";

/** The usual values of path parameters. */
const USUAL: Readonly<Record<string, string>> = {
  job_id: SAMPLE.job,
  child_id: SAMPLE.newJob,
  log_type: "output",
  agent_name: SAMPLE.agent,
  queue: SAMPLE.queue,
  queue_name: SAMPLE.queue,
  client_id: SAMPLE.client,
  request_id: SAMPLE.requestId,
  upload_id: SAMPLE.upload,
  id: SAMPLE.session,
  path: SAMPLE.secretPath,
};

/** Examples of what `part` is in an operation's exchanges, each under the name of its exchange; those without it are left out. */
function examplesOf({ examples = {} }: Route, part: (example: Example) => unknown): Json {
  const values = Object.entries(examples).flatMap(([name, example]) => {
    const value = part(example);
    return value === undefined ? [] : [[name, { value }]];
  });
  return values.length === 0 ? {} : { examples: Object.fromEntries(values) };
}

/** Values of a path parameter: one where it is the same in every exchange. */
export function pathExamples(one: Route, name: string): Json {
  const usual = USUAL[name];
  const differs = Object.values(one.examples ?? {}).some(({ params = {} }) => name in params);
  if (differs) return examplesOf(one, ({ params = {} }) => params[name] ?? usual);
  return usual === undefined ? {} : { example: usual };
}

export const parameterExamples = (one: Route, where: "query" | "header", name: string): Json =>
  examplesOf(one, ({ query = {}, headers = {} }) => (where === "query" ? query : headers)[name]);

export const bodyExamples = (one: Route): Json => examplesOf(one, ({ body }) => body);

/** Bodies of answers of a status: text under a text type, anything else as JSON. */
export const answerExamples = (one: Route, status: number, type: string): Json =>
  examplesOf(one, ({ answer }) => {
    const isOfType = (typeof answer.body === "string") === (type !== "application/json");
    return answer.status === status && isOfType ? answer.body : undefined;
  });
