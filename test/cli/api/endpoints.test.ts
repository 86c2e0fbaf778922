import { describe, expect, test } from "bun:test";
import type { ApiClient } from "../../../src/cli/api/client.ts";
import { HttpError, UnexpectedAnswer } from "../../../src/cli/api/errors.ts";
import { clientFor } from "../support/client.ts";
import { json, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const JOB = "2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11";

describe("every endpoint (cli section 14)", () => {
  type Row = [
    request: string,
    answer: Response,
    call: (api: ApiClient) => Promise<unknown>,
    result: unknown,
    body?: unknown,
  ];
  const rows: Row[] = [
    [`GET /v1/job/${JOB}`, json({ a: 1 }), async (api) => (await api.jobs.get(JOB)).value, { a: 1 }],
    [`GET /v1/job/${JOB}/state`, json({ job_state: "test" }), (api) => api.jobs.state(JOB), { job_state: "test" }],
    [`GET /v1/job/${JOB}/position`, text("3\n"), (api) => api.jobs.position(JOB), 3],
    ["POST /v1/job", json({ job_id: JOB }), (api) => api.jobs.submit({ job_queue: "q" }), JOB, { job_queue: "q" }],
    ["POST /v1/job", json({}), (api) => api.jobs.submit({}), undefined, {}],
    [`POST /v1/job/${JOB}/action`, text("OK"), (api) => api.jobs.cancel(JOB), undefined, { action: "cancel" }],
    [
      "GET /v1/job/search?tags=a&tags=b&match=all&state=active",
      json([{ job_id: JOB }]),
      (api) => api.jobs.search({ tags: ["a", "b"], match: "all", states: ["active"] }),
      [{ job_id: JOB }],
    ],
    [
      `GET /v1/result/${JOB}`,
      json({ job_state: "x" }),
      async (api) => (await api.results.get(JOB)).value,
      { job_state: "x" },
    ],
    [
      `GET /v1/result/${JOB}/log/serial?start_fragment=2&start_timestamp=2026-11-23T10%3A20%3A30&phase=test`,
      json({ serial: {} }),
      async (api) => {
        const selection = { startFragment: 2, startTimestamp: "2026-11-23T10:20:30", phase: "test" } as const;
        return (await api.results.log(JOB, "serial", selection)).value;
      },
      { serial: {} },
    ],
    ["GET /v1/agents/data", json([{ name: "a" }]), async (api) => (await api.agents.list()).value, [{ name: "a" }]],
    [
      "GET /v1/agents/data/a%20b",
      json({ name: "a b" }),
      async (api) => (await api.agents.get("a b")).value,
      { name: "a b" },
    ],
    [
      "POST /v1/agents/data/a",
      json({ status: "OK" }),
      (api) => api.agents.setState("a", { state: "offline", comment: "x" }),
      undefined,
      { state: "offline", comment: "x" },
    ],
    ["GET /v1/agents/queues", json({ q: "d" }), async (api) => (await api.agents.queues()).value, { q: "d" }],
    ["GET /v1/agents/images/q", json({ i: "url: x" }), (api) => api.agents.images("q"), { i: "url: x" }],
    ["GET /v1/queues/q/agents", json([{ name: "a" }]), (api) => api.queues.agents("q"), [{ name: "a" }]],
    ["GET /v1/queues/q/jobs", json([{ job_id: JOB }]), (api) => api.queues.jobs("q"), [{ job_id: JOB }]],
    [
      "GET /v1/queues/wait_times?queue=q&queue=r",
      json({ q: { 50: 1.5 } }),
      (api) => api.queues.waitTimes(["q", "r"]),
      { q: { 50: 1.5 } },
    ],
    ["GET /v1/queues/wait_times", json({}), (api) => api.queues.waitTimes(), {}],
    ["GET /v1/client-permissions", json([{}]), async (api) => (await api.permissions.list()).value, [{}]],
    [
      "GET /v1/client-permissions/me",
      json({ role: "x" }),
      async (api) => (await api.permissions.get("me")).value,
      { role: "x" },
    ],
    [
      "PUT /v1/client-permissions/me",
      text("Updated"),
      (api) => api.permissions.set("me", { role: "x" }),
      "Updated",
      { role: "x" },
    ],
    ["DELETE /v1/client-permissions/me", text("OK"), (api) => api.permissions.delete("me"), undefined],
    [
      "PUT /v1/secrets/me/a/b",
      json({ expires_at: null }),
      (api) => api.secrets.write("me", "a/b", { value: "v", expire_after: null }),
      { expires_at: null },
      { value: "v", expire_after: null },
    ],
    [
      "DELETE /v1/secrets/me@example.com/a/b",
      text("OK"),
      (api) => api.secrets.delete("me@example.com", "a/b"),
      undefined,
    ],
    ["GET /v1/oauth2/sessions", json([{ id: "s" }]), (api) => api.sessions.list(), [{ id: "s" }]],
    ["GET /v1/oauth2/sessions?client_id=me", json([]), (api) => api.sessions.list("me"), []],
    ["DELETE /v1/oauth2/sessions/s", text("OK"), (api) => api.sessions.end("s"), undefined],
    [
      "POST /v1/oauth2/revoke",
      json({ status: "OK" }),
      (api) => api.sessions.revoke("rt"),
      undefined,
      { refresh_token: "rt" },
    ],
  ];
  test.each(rows.map((row) => ({ name: row[0], row })))(
    "$name",
    async ({ row: [request, answer, call, result, body] }) => {
      using world = new World();
      using server = new ScriptedServer({ [request]: answer });
      expect(await call(clientFor(world, server.url))).toEqual(result);
      expect(server.calls).toEqual([request]);
      expect(JSON.parse(server.seen[0]!.body || "null")).toEqual(body ?? null);
    },
  );
});

test.each(["", "x", "1.5", "[1]", "<html>"])("the position %j is unexpected", async (body) => {
  using world = new World();
  using server = new ScriptedServer({ [`GET /v1/job/${JOB}/position`]: text(body) });
  await expect(clientFor(world, server.url).jobs.position(JOB)).rejects.toThrow(UnexpectedAnswer);
});

describe("an artifact", () => {
  const TARGET = `GET /v1/result/${JOB}/artifact`;

  test("comes undecoded, piece by piece", async () => {
    using world = new World();
    const packed = Bun.gzipSync("hi");
    using server = new ScriptedServer({ [TARGET]: new Response(packed, { headers: { "content-encoding": "gzip" } }) });
    const pieces = await Array.fromAsync(clientFor(world, server.url).results.artifact(JOB));
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(Buffer.from(packed));
  });

  test.each([204, 400, 403])("is missing with status %i, which is never the VPN page", async (status) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: () => new Response(null, { status }) });
    const artifact = Array.fromAsync(clientFor(world, server.url).results.artifact(JOB));
    await expect(artifact).rejects.toEqual(new HttpError(status, "", ""));
  });
});

describe("what a server says about itself", () => {
  const info = { name: "Testflinger", version: "1", auth: { anonymous: true, oidc: false }, features: ["sessions"] };

  test("is asked once", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/server": json(info) });
    const api = clientFor(world, server.url);
    expect(await api.info.get()).toEqual(info);
    expect(await api.info.supports("sessions")).toBe(true);
    expect(await api.info.supports("other")).toBe(false);
    expect(server.requests).toHaveLength(1);
  });

  test.each([text("no", 404), text("<html>"), json({ ...info, auth: {} }), json([]), json({ ...info, features: [1] })])(
    "is nothing when it is not of the known form (%#)",
    async (answer) => {
      using world = new World();
      using server = new ScriptedServer({ "GET /v1/server": answer });
      const api = clientFor(world, server.url);
      expect(await api.info.get()).toBeUndefined();
      expect(await api.info.supports("sessions")).toBe(false);
      expect(server.requests).toHaveLength(1);
    },
  );

  test("is asked again when there was no answer", async () => {
    using world = new World({ fetch: (url, init) => fetch(up ? url : "http://127.0.0.1:1", init) });
    let up = false;
    using server = new ScriptedServer({ "GET /v1/server": json(info) });
    const api = clientFor(world, server.url);
    await expect(api.info.get()).rejects.toThrow("Cannot reach");
    up = true;
    expect(await api.info.get()).toEqual(info);
  });
});
