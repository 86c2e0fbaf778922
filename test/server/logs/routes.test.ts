import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type TestApp, testApp } from "../../support/test-app.ts";

const UNKNOWN = "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11";

let app: TestApp, agent: string, id: string;

beforeEach(async () => {
  app = await testApp();
  agent = `Bearer ${await app.token("lab-1", { role: "agent" })}`;
  id = await submit();
});
afterEach(() => app.close());

const send = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  app.fetch(
    new Request(`http://localhost${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    }),
  );

async function submit(): Promise<string> {
  const answer = await send("/v1/job", { job_queue: "q" });
  return ((await answer.json()) as { job_id: string }).job_id;
}

const report = (job: string, body: unknown) => send(`/v1/result/${job}`, body, { authorization: agent });

const append = (number: number, data: string, { job = id, phase = "test", timestamp = "2026-01-01T10:00:00Z" } = {}) =>
  send(
    `/v1/result/${job}/log/output`,
    { fragment_number: number, timestamp, phase, log_data: data },
    { authorization: agent },
  );

const read = (path: string, headers: Record<string, string> = {}) =>
  app.fetch(new Request(`http://localhost/v1/result/${path}`, { headers }));

/** The events of a stream to its end. */
async function follow(query = "", headers: Record<string, string> = {}): Promise<string[]> {
  const answer = await read(`${id}/log/output/stream${query}`, headers);
  expect(answer.status).toBe(200);
  const told = (await answer.text()).matchAll(/^event: (\w+)\ndata: (.*)$/gm);
  return Array.from(told, ([, event, data]) => {
    const { job_state, log_data } = JSON.parse(data as string) as Record<string, string>;
    return `${event}:${job_state ?? log_data}`;
  });
}

const warnings = () => app.lines.map((line) => JSON.parse(line)).filter(({ level }) => level === "warning");

describe("a log is followed", () => {
  beforeEach(async () => {
    await append(0, "a", { phase: "setup" });
    await append(1, "b", { timestamp: "2026-01-01T11:00:00Z" });
    await append(2, "c", { timestamp: "2026-01-01T12:00:00Z" });
    await report(id, { job_state: "complete" });
  });
  const END = ["state:complete", "end:complete"];

  test.each<[string, string, Record<string, string>, string[]]>([
    ["from its beginning", "", {}, ["a", "b", "c"]],
    ["from a fragment on", "?start_fragment=1", {}, ["b", "c"]],
    ["after the event that the reader has seen last", "", { "last-event-id": "0" }, ["b", "c"]],
    ["after that event, whatever the address says", "?start_fragment=0", { "last-event-id": "1" }, ["c"]],
    ["from its beginning, if that event has no number", "", { "last-event-id": "x" }, ["a", "b", "c"]],
    ["in one phase only", "?phase=setup", {}, ["a"]],
    ["from a time on", "?start_timestamp=2026-01-01T11:30:00Z", {}, ["c"]],
  ])("%s", async (_, query, headers, texts) =>
    expect(await follow(query, headers)).toEqual([...texts.map((text) => `fragment:${text}`), ...END]),
  );

  test("by nobody's cache", async () => {
    const { headers, body } = await read(`${id}/log/output/stream`);
    expect(headers.get("cache-control")).toBe("no-store");
    await body?.cancel();
  });

  test("not by HEAD, which would never end", async () => {
    const url = `http://localhost/v1/result/${id}/log/output/stream`;
    const answer = await app.fetch(new Request(url, { method: "HEAD" }));
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});

describe("what cannot be followed is refused:", () => {
  test.each<[string, () => string, number, unknown]>([
    ["an unknown job", () => `${UNKNOWN}/log/output/stream`, 404, "Job not found"],
    ["no job id", () => "x/log/output/stream", 400, "Invalid job id\n"],
    ["another log", () => `${id}/log/kernel/stream`, 404, "There is no log 'kernel'. Use 'output' or 'serial'."],
    [
      "a negative number",
      () => `${id}/log/output/stream?start_fragment=-1`,
      400,
      { start_fragment: ["Must be greater than or equal to 0."] },
    ],
    ["an unknown parameter", () => `${id}/log/output/stream?from=1`, 400, { from: ["Unknown field."] }],
  ])("%s", async (_, path, status, message) => {
    const answer = await read(path());
    expect([answer.status, await answer.json()]).toEqual([status, { detail: {}, message } as never]);
  });
});

describe("agents repeat what is not answered with success for ever, so a fragment is accepted", () => {
  test("of an unknown job: nothing is stored, and the log of the server tells", async () => {
    expect((await append(0, "x", { job: UNKNOWN })).status).toBe(200);
    expect(await app.store.logs.read({ jobId: UNKNOWN, type: "output" })).toEqual([]);
    expect(warnings()).toMatchObject([{ message: "log fragment for an unknown job", job_id: UNKNOWN }]);
  });

  test("again: it is stored once", async () => {
    await append(0, "x");
    expect((await append(0, "x")).status).toBe(200);
    expect(await (await read(`${id}/log/output?phase=test`)).json()).toEqual({
      output: { test: { last_fragment_number: 0, log_data: "x" } },
    });
    expect(warnings()).toEqual([]);
  });

  test("with another text under its number: the first stays, and the log of the server tells", async () => {
    await append(0, "x");
    expect((await append(0, "y")).status).toBe(200);
    expect(await (await read(`${id}/log/output?phase=test`)).json()).toEqual({
      output: { test: { last_fragment_number: 0, log_data: "x" } },
    });
    expect(warnings()).toMatchObject([
      { message: "another log fragment has this number", job_id: id, log_type: "output", fragment_number: 0 },
    ]);
  });
});
