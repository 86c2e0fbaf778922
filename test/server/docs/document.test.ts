import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import { openApiDocument } from "../../../src/server/docs/document.ts";
import type { Json } from "../../../src/server/docs/schemas.ts";
import type { Route } from "../../../src/server/http/route.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

interface Operation {
  operationId: string;
  summary: string;
  security: Json[];
  parameters: { name: string; in: string; required: boolean; schema: Json }[];
  requestBody?: { required: boolean; content: Record<string, { schema: Json }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
  "x-permission-roles"?: string[];
  "x-open-because"?: string;
}

let app: TestApp;
let routes: readonly Route[];
let document: {
  openapi: string;
  info: Json;
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Json>;
};
let operations: [name: string, operation: Operation][];

beforeAll(async () => {
  app = await testApp({ oidc: true });
  routes = app.routes.filter(({ path }) => /^\/(v1|oidc|healthz|readyz)/.test(path));
  document = JSON.parse(await openApiDocument(app.routes, { anonymous: false }));
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
});
afterAll(() => app.close());

const operation = (name: string): Operation => operations.find(([known]) => known === name)![1];

test("The document is valid OpenAPI 3.0.3", async () => {
  expect(document.openapi).toBe("3.0.3");
  expect(document.info.title).toBe("Testflinger API");
  expect(await new Validator().validate(document)).toEqual({ valid: true });
});

test("Every route of the API is in it", () => {
  const declared = routes.map(
    ({ method, path }) => `${method} ${path.replace(/\*$/, ":path").replace(/:(\w+)/g, "{$1}")}`,
  );
  expect(operations.map(([name]) => name).toSorted()).toEqual(declared.toSorted());
});

test("No two operations have the same id", () => {
  const ids = operations.map(([, { operationId }]) => operationId);
  expect(ids).toEqual([...new Set(ids)]);
});

test("Every operation declares who may call it, or why everybody may", () => {
  const unguarded = operations.filter(
    ([, one]) => !one["x-permission-roles"]?.length && !((one["x-open-because"]?.length ?? 0) > 10),
  );
  expect(unguarded.map(([name]) => name)).toEqual([]);
});

test("Every guarded operation needs a bearer token and tells what happens without", () => {
  for (const [name, one] of operations.filter(([, { "x-permission-roles": roles }]) => roles)) {
    expect([name, one.security]).toEqual([name, [{ bearer: [] }]]);
    expect(Object.keys(one.responses), name).toEqual(expect.arrayContaining(["401", "403"]));
  }
});

test("Every operation has a summary, and every answer a description", () => {
  for (const [name, { summary, responses }] of operations) {
    expect(summary, name).not.toBe("");
    for (const { description } of Object.values(responses)) expect(description, name).not.toBe("");
    expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["500", "503"]));
  }
});

test("Every operation whose body is checked tells what happens to a wrong one", () => {
  const checked = new Set(routes.filter(({ body }) => body).map(({ id }) => id));
  for (const [name, { operationId, responses }] of operations)
    if (checked.has(operationId))
      expect(Object.keys(responses), name).toEqual(expect.arrayContaining(["400", "413", "422"]));
});

test("Nothing in it is a function, or a keyword of another JSON Schema", () => {
  const keys = new Set<string>();
  JSON.stringify(document, (key, value) => {
    keys.add(key);
    return value;
  });
  for (const stranger of ["rule", "mismatch", "propertyNames", "patternProperties", "const"])
    expect(keys.has(stranger)).toBeFalse();
});

describe("Details:", () => {
  test("the token route takes HTTP Basic", () => {
    expect(operation("POST /v1/oauth2/token").security).toEqual([{ basic: [] }]);
  });
  test("the rest of a path is a parameter", () => {
    expect(operation("PUT /v1/secrets/{client_id}/{path}").parameters).toMatchObject([
      { name: "client_id", in: "path", required: true, schema: { type: "string" }, description: "Id of the client" },
      {
        name: "path",
        in: "path",
        required: true,
        schema: { type: "string" },
        description: "Path of the secret; it may have slashes",
      },
    ]);
  });
  test("query parameters that a handler reads itself are there", () => {
    const { parameters } = operation("GET /v1/result/{job_id}/log/{log_type}");
    expect(parameters.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["start_fragment", "start_timestamp", "phase"]),
    );
  });
  test.each([
    ["PATCH /v1/job/{job_id}/attachments/uploads/{upload_id}", { "upload-offset": true }],
    ["GET /v1/job/{job_id}/attachments", { range: false, "if-range": false }],
    ["GET /v1/result/{job_id}/artifact", { range: false, "if-range": false }],
  ])("the headers of %s are there, and whether it needs them", (name, headers) => {
    const parameters = operation(name).parameters as readonly { name: string; in: string; required: boolean }[];
    const found = parameters.filter((parameter) => parameter.in === "header");
    expect(Object.fromEntries(found.map(({ name, required }) => [name, required]))).toEqual(headers);
  });
  test("an upload is a form with a file", () => {
    expect(operation("POST /v1/job/{job_id}/attachments").requestBody?.content["multipart/form-data"]?.schema).toEqual({
      type: "object",
      required: ["file"],
      properties: { file: { type: "string", format: "binary" } },
    });
  });
  test("a search answers a bare list", () => {
    expect(operation("GET /v1/job/search").responses["200"]?.content?.["application/json"]?.schema.type).toBe("array");
  });
  test("errors have the envelope unless they say otherwise", () => {
    const { responses } = operation("POST /v1/job/{job_id}/attachments");
    expect(responses["413"]?.content).toEqual({
      "application/json": { schema: { $ref: "#/components/schemas/Error" } },
    });
    expect(Object.keys(responses["422"]?.content ?? {})).toEqual(["text/html"]);
  });
});

test("Without logins a token is needed only where contributors may not go", async () => {
  const open: typeof document = JSON.parse(await openApiDocument(app.routes, { anonymous: true }));
  expect(open.paths["/v1/job"]?.post?.security).toEqual([{ bearer: [] }, {}]);
  expect(open.paths["/v1/job"]?.get?.security).toEqual([{ bearer: [] }]);
});
