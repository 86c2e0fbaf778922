import { afterAll, beforeAll, expect, test } from "bun:test";
import { MAX_INDEXED } from "../../src/shared/wire.ts";
import { type TestApp, testApp } from "../support/test-app.ts";

let app: TestApp, token: string;
beforeAll(async () => {
  app = await testApp();
  token = await app.token("an-admin", { role: "admin" });
});
afterAll(() => app.close());

const names = (count: number) => Array.from({ length: count }, (_, index) => `name-${index}`);

/** A body has room for a million of them, each a row of an index: one request would hold up all others for seconds. */
test.each([
  ["tags of a job", "/v1/job", "tags", { job_queue: "q" }],
  ["queues of an agent", "/v1/agents/data/rpi4-001", "queues", {}],
])("%s may be as many as no lab has, and not more", async (_what, path, field, rest) => {
  const post = (count: number) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ ...rest, [field]: names(count) }),
      }),
    );
  expect((await post(MAX_INDEXED)).status).toBe(200);
  const refused = await post(MAX_INDEXED + 1);
  expect([refused.status, await refused.json()]).toEqual([
    422,
    { detail: { json: { [field]: ["Longer than maximum length 10000."] } }, message: "Validation error" },
  ]);
});
