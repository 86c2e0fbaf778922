import { describe, expect, test } from "bun:test";
import { Webhook } from "../../../src/server/events/webhook.ts";
import { Problem } from "../../../src/server/http/problem.ts";

const ALLOWED = "https://hooks.example.com:8443/ignored/path";
const TARGET = "https://hooks.example.com:8443/job/1?a=b";

type Outcome = (() => Response) | Error;

/** A webhook on a network where the calls have these outcomes. */
function webhook(outcomes: Outcome[], auth?: string) {
  const calls: Request[] = [];
  const redirects: unknown[] = [];
  const limits: number[] = [];
  const hook = new Webhook({
    url: ALLOWED,
    auth,
    fetch: async (url, init) => {
      calls.push(new Request(url, init));
      redirects.push(init.redirect);
      const outcome = outcomes.shift() ?? new Error("called too often");
      if (outcome instanceof Error) throw outcome;
      return outcome();
    },
    timeout: (milliseconds) => {
      limits.push(milliseconds);
      return new AbortController().signal;
    },
  });
  return { hook, calls, redirects, limits };
}

const answer =
  (status: number, body = "") =>
  () =>
    new Response(body, { status });
const timeout = () => new DOMException("The operation timed out.", "TimeoutError");

const failure = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: Problem) => [error.status, error.content],
  );

describe("A webhook is called only on the allowed host", () => {
  test.each([
    ["https://hooks.example.com:8443/", true],
    ["https://hooks.example.com:8443/any/path?and=query", true],
    ["HTTPS://HOOKS.example.com:8443/", true],
    ["http://hooks.example.com:8443/", false],
    ["https://hooks.example.com/", false],
    ["https://hooks.example.com:8444/", false],
    ["https://example.com:8443/", false],
    ["https://hooks.example.com:8443@evil.example/", false],
    ["https://hooks.example.com:8443%40evil.example/", false],
    ["https://evil.example\\@hooks.example.com:8443/", false],
    ["https://evil.example#@hooks.example.com:8443/", false],
    ["https://user:password@hooks.example.com:8443/", false],
    ["https://hooks.example.com.evil.example:8443/", false],
    ["ftp://hooks.example.com:8443/", false],
    ["https://hooks.example.com:99999/", false],
  ])("%s: %p", (target, accepted) => {
    const { hook } = webhook([]);
    expect(hook.accepts(target)).toBe(accepted);
  });
});

describe("A delivery", () => {
  test("is a PUT of the events as JSON, with the token, within three seconds and without redirects", async () => {
    const { hook, calls, redirects, limits } = webhook([answer(201, "made")], "a-token");
    expect(await hook.put(TARGET, { agent_id: "a" })).toEqual({ status: 201, text: "made" });
    const [call] = calls;
    expect([call?.method, call?.url]).toEqual(["PUT", TARGET]);
    expect(call?.headers.get("authorization")).toBe("Bearer a-token");
    expect(call?.headers.get("content-type")).toBe("application/json");
    expect(await call?.json()).toEqual({ agent_id: "a" });
    expect(limits).toEqual([3000]);
    expect(redirects).toEqual(["manual"]);
  });
  test("without a token has no Authorization", async () => {
    const { hook, calls } = webhook([answer(200)]);
    await hook.put(TARGET, {});
    expect(calls[0]?.headers.has("authorization")).toBeFalse();
  });
  test("is repeated once", async () => {
    const { hook, calls } = webhook([new Error("connection refused"), answer(200, "now")]);
    expect(await hook.put(TARGET, { events: [] })).toEqual({ status: 200, text: "now" });
    expect(await calls[1]?.json()).toEqual({ events: [] });
  });
  test.each([400, 404, 409, 500, 503, 302])("that is answered %d is not repeated", async (status) => {
    const { hook, calls } = webhook([answer(status, "no")]);
    expect(await hook.put(TARGET, {})).toEqual({ status, text: "no" });
    expect(calls).toHaveLength(1);
  });
});

describe("A delivery fails as", () => {
  test.each<[string, Outcome[], number, string]>([
    ["504 when the webhook hangs", [timeout(), timeout()], 504, "Webhook Timeout"],
    ["502 when it is not there", [new Error("refused"), new Error("refused")], 502, "Webhook unreachable"],
    ["502 when it refuses the server's token", [answer(401)], 502, "Webhook authentication failed"],
    ["502 when it forbids the server", [answer(403)], 502, "Webhook authentication failed"],
    [
      "502 when its answer does not end",
      [answer(200, "x".repeat(1024 * 1024 + 1)), answer(200, "x".repeat(1024 * 1024 + 1))],
      502,
      "Webhook unreachable",
    ],
  ])("%s", async (_what, outcomes, status, message) => {
    expect(await failure(webhook(outcomes).hook.put(TARGET, {}))).toEqual([status, message]);
  });
});
