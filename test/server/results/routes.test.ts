import { afterEach, beforeEach, expect, test } from "bun:test";
import { type TestApp, testApp } from "../../support/test-app.ts";

const UNKNOWN = "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11";

let app: TestApp, agent: string, id: string;

beforeEach(async () => {
  app = await testApp();
  agent = `Bearer ${await app.token("lab-1", { role: "agent" })}`;
  const answer = await send("POST", "/v1/job", { job_queue: "q" });
  id = ((await answer.json()) as { job_id: string }).job_id;
});
afterEach(() => app.close());

const send = (method: string, path: string, body?: unknown, authorization?: string) =>
  app.fetch(
    new Request(`http://localhost${path}`, {
      method,
      headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) },
      body: JSON.stringify(body),
    }),
  );
const report = (job: string, body: unknown) => send("POST", `/v1/result/${job}`, body, agent);
const results = async (job: string) => (await send("GET", `/v1/result/${job}`)).json();

test("what is reported of an unknown job is accepted and thrown away, and the log of the server tells", async () => {
  const answer = await report(UNKNOWN, { job_state: "test", status: { setup: 0 } });
  expect([answer.status, await answer.text()]).toEqual([200, "OK"]);
  expect((await send("GET", `/v1/result/${UNKNOWN}`)).status).toBe(204);
  expect(app.lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: "warning", message: "results for an unknown job", job_id: UNKNOWN },
  ]);
});

test.each(["complete", "cancelled"])("a job that is %s keeps its state, and takes late results", async (state) => {
  if (state === "cancelled") await send("POST", `/v1/job/${id}/action`, { action: "cancel" });
  else await report(id, { job_state: state });
  const late = await report(id, { job_state: "test", status: { cleanup: 1 }, device_info: { ip: "10.0.0.1" } });
  expect([late.status, await late.text()]).toEqual([200, "OK"]);
  expect(await results(id)).toEqual({ job_state: state, cleanup_status: 1, device_info: { ip: "10.0.0.1" } });
});

test("a result that is too large for the database is refused whole", async () => {
  const answer = await report(id, { device_info: { text: "x".repeat(16 * 2 ** 20) } });
  expect([answer.status, await answer.json()]).toEqual([413, { detail: {}, message: "Payload too large" }]);
  expect(await results(id)).toEqual({ job_state: "waiting" });
});
