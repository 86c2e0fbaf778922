import { describe, expect, test } from "bun:test";
import { errorResponse } from "../../../src/server/http/errors.ts";
import { Problem } from "../../../src/server/http/problem.ts";
import type { RequestContext } from "../../../src/server/http/request-context.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../../../src/server/store/store.ts";

const CONTEXT: RequestContext = {
  requestId: "request-1",
  method: "GET",
  path: "/v1/agents/data",
  host: "localhost",
  protocol: "http",
  origin: "http://localhost:5000",
  port: 5000,
};

/** The answer to an error, and what the log tells. */
async function answerTo(error: unknown) {
  const lines: string[] = [];
  const log = jsonLogger(
    (line) => lines.push(line),
    () => new Date(0),
  );
  const response = errorResponse(error, CONTEXT, log);
  const { status, headers } = response;
  return { status, headers, text: await response.text(), log: lines.map((line) => JSON.parse(line)) };
}

describe("an error raised on purpose", () => {
  test("is the envelope, with its detail and its headers", async () => {
    const problem = new Problem(422, "Validation error", {
      detail: { json: { job_queue: ["Missing data for required field."] } },
      headers: { "retry-after": "7" },
    });
    const { status, headers, text, log } = await answerTo(problem);
    expect(status).toBe(422);
    expect(headers.get("content-type")).toBe("application/json");
    expect(headers.get("retry-after")).toBe("7");
    expect(text).toBe(
      '{"detail":{"json":{"job_queue":["Missing data for required field."]}},"message":"Validation error"}',
    );
    expect(log).toEqual([]);
  });

  test("is bare text where reference clients expect that, and browsers are told not to run it", async () => {
    const { headers, text } = await answerTo(new Problem(410, "<b>gone</b>\n", { form: "text" }));
    expect(text).toBe("<b>gone</b>\n");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
  });

  test.each<[string, number, Record<string, string>, string | null]>([
    ["a 401 asks for a bearer token", 401, {}, 'Bearer realm="testflinger"'],
    ["a 401 that asks for something else", 401, { "www-authenticate": "Basic" }, "Basic"],
    ["a 403 asks for nothing", 403, {}, null],
  ])("%s", async (_, status, headers, challenge) =>
    expect((await answerTo(new Problem(status, "no", { headers }))).headers.get("www-authenticate")).toBe(challenge),
  );

  test("tells the log what it does not tell the caller", async () => {
    const { text, log } = await answerTo(
      new Problem(502, "Failed to communicate with OIDC provider", { log: "10.0.0.7 refused" }),
    );
    expect(text).not.toContain("10.0.0.7");
    expect(log).toEqual([
      {
        time: "1970-01-01T00:00:00.000Z",
        level: "warning",
        message: "10.0.0.7 refused",
        request_id: "request-1",
        status: 502,
      },
    ]);
  });
});

/** ASVS 5.0 controls 16.5.1 and 16.5.4. */
describe("any other error tells the caller nothing but", () => {
  test.each<[string, unknown, number, string]>([
    [
      "where the operator finds it",
      new TypeError("secret-host: undefined is not a function"),
      500,
      "Internal server error. The operator finds the cause in the log under request id request-1.",
    ],
    [
      "that the database is away",
      new StoreUnavailable("secret-host refused"),
      503,
      "The database is not reachable at the moment. Please try again.",
    ],
    [
      "the same for what is no error",
      "secret-host",
      500,
      "Internal server error. The operator finds the cause in the log under request id request-1.",
    ],
  ])("%s", async (_, error, status, message) => {
    const answer = await answerTo(error);
    expect(answer.status).toBe(status);
    expect(JSON.parse(answer.text)).toEqual({ detail: {}, message });
    expect(answer.log).toMatchObject([
      { level: "error", message: "request failed", request_id: "request-1", method: "GET", path: "/v1/agents/data" },
    ]);
    expect(answer.log[0].reason).toContain("secret-host");
  });

  test("when to come back, if the database is away", async () =>
    expect((await answerTo(new StoreUnavailable("away"))).headers.get("retry-after")).toBe("2"));

  test("what is too large for the database, which is no fault of the server's and not in its log", async () => {
    const { status, text, log } = await answerTo(new StoreLimitExceeded("The data is too large"));
    expect([status, JSON.parse(text).message, log]).toEqual([413, "The data is too large", []]);
  });
});
