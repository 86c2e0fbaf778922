import { describe, expect, test } from "bun:test";
import { eventRoutes } from "../../../src/server/events/routes.ts";
import { EventService } from "../../../src/server/events/service.ts";
import { Webhook } from "../../../src/server/events/webhook.ts";
import type { Input } from "../../../src/server/http/route.ts";
import { Problem } from "../../../src/server/http/problem.ts";
import type { Job } from "../../../src/server/store/jobs.ts";

const ID = "0d4f1f3b-45a4-4a4a-9f64-2a9d6a5b8a01";
const HOOK = "https://hooks.example.com/job/1";

/** Events of a job that names `own` as its webhook, or of no job at all. */
function events({ own, known = true, status = 200 }: { own?: string; known?: boolean; status?: number } = {}) {
  const called: string[] = [];
  const job = { id: ID, definition: { job_queue: "q", job_status_webhook: own } } as Job;
  const webhook = new Webhook({
    url: "https://hooks.example.com",
    fetch: async (url) => {
      called.push(url);
      return new Response(status === 204 ? null : "noted", { status });
    },
  });
  const service = new EventService({ jobs: { find: async () => (known ? job : null) }, webhook });
  return { service, called };
}

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.catch((error: unknown) => (error instanceof Problem ? [error.status, error.content] : error));

describe("Events go", () => {
  test("to the webhook that the agent names if the job names none", async () => {
    const { service, called } = events();
    expect(await service.relay(ID, { job_status_webhook: HOOK, events: [] })).toEqual({ status: 200, text: "noted" });
    expect(called).toEqual([HOOK]);
  });
  test("to the webhook that the job names", async () => {
    const { service, called } = events({ own: HOOK });
    await service.relay(ID, { job_status_webhook: HOOK });
    expect(called).toEqual([HOOK]);
  });
});

describe("Nothing is called", () => {
  test("when the agent names another webhook than the job", async () => {
    const { service, called } = events({ own: HOOK });
    const other = "https://hooks.example.com/admin/delete-everything";
    expect(await outcome(service.relay(ID, { job_status_webhook: other }))).toEqual([
      403,
      "Invalid job_status_webhook URL specified",
    ]);
    expect(called).toEqual([]);
  });
  test("when the job names a webhook that the operator has not allowed", async () => {
    const own = "https://elsewhere.example.com/";
    const { service, called } = events({ own });
    expect(await outcome(service.relay(ID, { job_status_webhook: own }))).toEqual([
      403,
      "Invalid job_status_webhook URL specified",
    ]);
    expect(called).toEqual([]);
  });
  test("for an unknown job", async () => {
    const { service, called } = events({ known: false });
    expect(await outcome(service.relay(ID, { job_status_webhook: HOOK }))).toEqual([404, "Job not found"]);
    expect(called).toEqual([]);
  });
  test("when the operator has allowed no webhook", async () => {
    const service = new EventService({
      jobs: { find: async () => ({ id: ID, definition: {} }) as Job },
      webhook: null,
    });
    expect(await outcome(service.relay(ID, { job_status_webhook: HOOK }))).toEqual([500, "Webhook URL not configured"]);
  });
});

test("An answer without a body is passed back as one", async () => {
  const { service } = events({ status: 204 });
  const [post] = eventRoutes(service);
  const input = { params: { job_id: ID }, body: { job_status_webhook: HOOK } } as unknown as Input<
    string,
    never,
    never
  >;
  const answer = (await post!.handle(input)) as Response;
  expect([answer.status, await answer.text()]).toEqual([204, ""]);
});
