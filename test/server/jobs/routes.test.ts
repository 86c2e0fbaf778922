import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import { type TestApp, testApp } from "../../support/test-app.ts";

let app: TestApp, agent: string;

beforeEach(async () => {
  app = await testApp();
  agent = `Bearer ${await app.token("lab-1", { role: "agent" })}`;
});
afterEach(() => app.close());

const submit = (job: Record<string, unknown>) =>
  app.fetch(
    new Request("http://localhost/v1/job", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(job),
    }),
  );

const take = (query: string, cookie: string | null = "agent_name=a") =>
  app.fetch(
    new Request(`http://localhost/v1/job${query}`, {
      headers: { authorization: agent, ...(cookie === null ? {} : { cookie }) },
    }),
  );

const answered = async (answer: Response) => [answer.status, await answer.json()];

describe("an agent that asks for a job wrongly is told how", () => {
  test.each<[string, string, string | null, number, unknown]>([
    ["without a queue", "", "agent_name=a", 400, "No queue(s) specified in request"],
    ["without a queue and a name", "", null, 400, "No queue(s) specified in request"],
    ["without a name", "?queue=q", null, 401, "Agent not identified"],
    ["with an empty name", "?queue=q", "agent_name=", 401, "Agent not identified"],
  ])("%s", async (_, query, cookie, status, message) =>
    expect(await answered(await take(query, cookie))).toEqual([status, { detail: {}, message }]),
  );

  test.each([
    ["-1", "Must be greater than or equal to 0."],
    ["soon", "Not a valid integer."],
  ])("waiting for %s seconds", async (wait, message) =>
    expect(await answered(await take(`?queue=q&wait=${wait}`))).toEqual([
      422,
      { detail: { query: { wait: [message] } }, message: "Validation error" },
    ]),
  );
});

describe("waiting for a job", () => {
  test("ends at once with wait=0 and without a job", async () =>
    expect((await take("?queue=q&wait=0")).status).toBe(204));

  test("is granted for 50 seconds, however long the agent wants to: proxies do not wait longer", async () => {
    const waits: number[] = [];
    using _ = spyOn(globalThis, "setTimeout").mockImplementation(((run: () => void, milliseconds: number) => {
      waits.push(milliseconds);
      queueMicrotask(run);
    }) as typeof setTimeout);
    expect((await take("?queue=q&wait=3600")).status).toBe(204);
    expect(waits).toHaveLength(1);
    // Ends that lie close together share a timer.
    expect(waits[0]).toBeWithin(50_000, 50_200);
  });

  test("is not done for HEAD, and takes no job", async () => {
    await submit({ job_queue: "q" });
    const url = "http://localhost/v1/job?queue=q&wait=50";
    const headers = { authorization: agent, cookie: "agent_name=a" };
    expect((await app.fetch(new Request(url, { method: "HEAD", headers }))).status).toBe(200);
    expect((await take("?queue=q")).status).toBe(200);
  });
});

describe("a job id that the submitter has chosen", () => {
  const ID = "5F1C1A3E3B654D8E9C550D2F5A0F9D11";

  test("is kept as it is", async () =>
    expect(await answered(await submit({ job_queue: "q", job_id: ID }))).toEqual([200, { job_id: ID }]));

  test("has to be a UUID", async () =>
    expect(await answered(await submit({ job_queue: "q", job_id: "mine" }))).toEqual([
      400,
      { detail: {}, message: "Invalid job_id specified" },
    ]));

  test("of a job that waits replaces it", async () => {
    await submit({ job_queue: "q", job_id: ID, name: "first" });
    expect((await submit({ job_queue: "q", job_id: ID, name: "second" })).status).toBe(200);
    expect(await (await take("?queue=q")).json()).toMatchObject({ job_id: ID, name: "second" });
    expect((await take("?queue=q")).status).toBe(204);
  });

  test("of a job that an agent works on is refused, with what to do", async () => {
    await submit({ job_queue: "q", job_id: ID });
    await take("?queue=q");
    expect(await answered(await submit({ job_queue: "q", job_id: ID }))).toEqual([
      409,
      {
        detail: {},
        message: `Job ${ID} is being worked on. Cancel it, or submit without job_id to get a new job.`,
      },
    ]);
  });
});
