import type { TSchema } from "@sinclair/typebox";
import type { BodyText, ResponseText, Route } from "../http/route.ts";
import { answerExamples, bodyExamples, parameterExamples, pathExamples } from "./examples.ts";
import type { Json, SchemaBook } from "./schemas.ts";

/** Parameters that paths share. */
const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  job_id: "Id of the job, a UUID",
  child_id: "Id of the child job, a UUID",
  log_type: "`output`: what the commands print; `serial`: the device's serial console",
  agent_name: "Name of the agent",
  queue: "Name of the queue",
  queue_name: "Name of the queue",
  upload_id: "Id of the upload, as its beginning has answered",
  client_id: "Id of the client",
  request_id: "The id that the beginning of the login has answered",
  path: "Path of the secret; it may have slashes",
};

/** What every error says that names no form of its own (server-api section 1.3). */
export const ERROR: Json = {
  title: "Error",
  type: "object",
  required: ["detail", "message"],
  properties: {
    detail: { type: "object", additionalProperties: true, description: "Faults by field for 422, else empty" },
    message: {
      oneOf: [{ type: "string" }, { type: "object", additionalProperties: true }],
      description: "What is wrong, for people",
    },
  },
};

/** Answers that follow from the declaration of a route. */
const AUTOMATIC: Readonly<Record<number, string>> = {
  400: "The body is not JSON",
  401: "A login is needed, or the access token has expired",
  403: "The caller's role does not allow this, or the token is not valid",
  413: "The body is too large",
  422: "The body or a parameter is not valid; `detail` tells the faults by field",
  500: "An internal error; the operator finds its cause under the answer's X-Request-Id",
  503: "The database is not reachable at the moment",
};

/** A route as an OpenAPI operation, without its path and method. */
export function operationOf(one: Route, book: SchemaBook, { anonymous }: { anonymous: boolean }) {
  return {
    operationId: one.id,
    summary: one.summary,
    ...(one.description === undefined ? {} : { description: one.description }),
    tags: [one.tag],
    security: security(one, anonymous),
    parameters: [...pathParameters(one), ...parametersOf(one, "query", book), ...parametersOf(one, "header", book)],
    ...requestBody(one, book),
    responses: responses(one, book),
    ...("open" in one.access ? { "x-open-because": one.access.open } : { "x-permission-roles": [...one.access.roles] }),
  };
}

/** The path with named parameters only: OpenAPI has no rest of a path. */
export const documentedPath = ({ path }: Route): string => path.replace(/\*$/, ":path");

function security({ access, credentials }: Route, anonymous: boolean): Json[] {
  if (credentials) return [{ [credentials]: [] }];
  if ("open" in access) return [];
  return anonymous && access.roles.includes("contributor") ? [{ bearer: [] }, {}] : [{ bearer: [] }];
}

const pathParameters = (one: Route): Json[] =>
  [...documentedPath(one).matchAll(/:(\w+)/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
    ...(PATH_PARAMETERS[name] === undefined ? {} : { description: PATH_PARAMETERS[name] }),
    ...pathExamples(one, name),
  }));

function parametersOf(one: Route, where: "query" | "header", book: SchemaBook): Json[] {
  const schema = where === "query" ? (one.query ?? one.queryText) : (one.headers ?? one.headersText);
  return Object.entries((schema?.properties ?? {}) as Record<string, TSchema>).map(([name, property]) => {
    const { description, ...rest } = property;
    return {
      name,
      in: where,
      required: ((schema?.required ?? []) as string[]).includes(name),
      ...(description === undefined ? {} : { description }),
      schema: book.describe(rest),
      ...parameterExamples(one, where, name),
    };
  });
}

function requestBody(one: Route, book: SchemaBook): Json {
  const { body, bodyText } = one;
  if (body) {
    const required = ((body.required ?? []) as string[]).length > 0;
    const content = { "application/json": { schema: book.describe(body), ...bodyExamples(one) } };
    return { requestBody: { required, content } };
  }
  if (!bodyText) return {};
  const { type, description } = bodyText;
  const required = type === "multipart/form-data";
  const content = { [type]: { schema: streamedBody(type), ...bodyExamples(one) } };
  return { requestBody: { required, description, content } };
}

function streamedBody(type: string): Json {
  const file = { type: "string", format: "binary" };
  if (type === "application/json") return { type: "object", additionalProperties: true };
  return type === "multipart/form-data" ? { type: "object", required: ["file"], properties: { file } } : file;
}

function responses(one: Route, book: SchemaBook): Json {
  const declared = Object.entries(one.responses).map(([status, answer]) => [
    status,
    response(one, Number(status), answer, book),
  ]);
  const automatic = automaticStatuses(one)
    .filter((status) => !(status in one.responses))
    .map((status) => [status, response(one, status, { description: AUTOMATIC[status] as string }, book)]);
  return Object.fromEntries([...declared, ...automatic]);
}

const automaticStatuses = ({ access, query, headers, body }: Route): number[] => [
  ...("roles" in access ? [401, 403] : []),
  ...(body ? [400, 413] : []),
  ...(body || query || headers ? [422] : []),
  500,
  503,
];

function response(one: Route, status: number, { description, body }: ResponseText, book: SchemaBook): Json {
  const forms = body === undefined ? (status >= 400 ? ["error" as const] : []) : [body].flat();
  if (forms.length === 0) return { description };
  const byType = Map.groupBy(
    forms.map((form) => contentOf(form, book)),
    ([type]) => type,
  );
  const content = [...byType].map(([type, alternatives]) => [
    type,
    { schema: anyOf(alternatives.map(([, schema]) => schema)), ...answerExamples(one, status, type) },
  ]);
  return { description, content: Object.fromEntries(content) };
}

const contentOf = (form: BodyText, book: SchemaBook): [type: string, schema: Json] => {
  if (form === "error") return ["application/json", book.describe(ERROR)];
  if (typeof form === "object") return ["application/json", book.describe(form)];
  return form === "text" ? ["text/html", bodyOfType(form)] : [form, bodyOfType(form)];
};

const anyOf = (schemas: readonly Json[]): Json => (schemas.length === 1 ? (schemas[0] as Json) : { anyOf: schemas });

const bodyOfType = (type: string): Json =>
  type === "text" || type.startsWith("text/") ? { type: "string" } : { type: "string", format: "binary" };
