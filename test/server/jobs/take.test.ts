import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type StoreForServers, storesForServers } from "../../support/stores.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

describe.each(storesForServers())("taking a job ($name)", ({ open }) => {
  let store: StoreForServers, app: TestApp, now: Date;
  let agentToken: string, personToken: string;

  beforeEach(async () => {
    store = await open();
    now = new Date("2026-01-01T00:00:00Z");
    app = await testApp({ env: store.env, now: () => now });
    agentToken = await app.token("lab", { role: "agent" });
    personToken = await app.token("ann", { role: "contributor", max_priority: { "*": 10 } });
  });
  afterEach(async () => {
    await app.close();
    await store.remove();
  });

  const later = (seconds: number) => {
    now = new Date(now.getTime() + seconds * 1000);
  };
  const call = (
    method: string,
    path: string,
    token: string,
    body?: unknown,
    init: { cookie?: string; signal?: AbortSignal } = {},
  ) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(init.cookie ? { cookie: init.cookie } : {}),
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: init.signal,
      }),
    );
  const submit = async (job: Record<string, unknown> = {}) => {
    const answer = await call("POST", "/v1/job", personToken, { job_queue: "q", ...job });
    return ((await answer.json()) as { job_id: string }).job_id;
  };
  /** The id of the job taken, or undefined. */
  const take = async (agent: string, wait?: number, signal?: AbortSignal) => {
    const query = wait === undefined ? "" : `&wait=${wait}`;
    const answer = await call("GET", `/v1/job?queue=q${query}`, agentToken, undefined, {
      cookie: `agent_name=${agent}`,
      signal,
    });
    return answer.status === 200 ? ((await answer.json()) as { job_id: string }).job_id : undefined;
  };
  const report = (id: string, body: unknown) => call("POST", `/v1/result/${id}`, agentToken, body);
  const stateOf = async (id: string) =>
    (await (await call("GET", `/v1/job/${id}/state`, personToken)).json()) as Record<string, unknown>;

  test("an agent that waits gets a job as soon as it is submitted", async () => {
    const waiting = take("a", 50);
    const id = await submit();
    expect(await waiting).toBe(id);
  });

  test("an agent whose answer got lost gets the same job when it asks again", async () => {
    const id = await submit();
    await submit();
    expect(await take("a", 1)).toBe(id);
    later(59);
    expect(await take("a", 1)).toBe(id);
  });

  test("after a report on the job it gets another one", async () => {
    const first = await submit(),
      second = await submit();
    expect(await take("a", 1)).toBe(first);
    await report(first, { job_state: "setup" });
    expect(await take("a", 1)).toBe(second);
  });

  test("a log fragment is a report as well", async () => {
    const first = await submit(),
      second = await submit();
    expect(await take("a", 1)).toBe(first);
    const fragment = { fragment_number: 0, timestamp: "2026-01-01T00:00:00Z", phase: "setup", log_data: "x" };
    await call("POST", `/v1/result/${first}/log/output`, agentToken, fragment);
    expect(await take("a", 1)).toBe(second);
  });

  test("a job that its agent gives back goes to one that waits", async () => {
    const id = await submit();
    expect(await take("a", 1)).toBe(id);
    const waiting = take("b", 50);
    await report(id, { job_state: "waiting" });
    expect(await waiting).toBe(id);
  });

  test("after a minute without a report it gets another one", async () => {
    const first = await submit(),
      second = await submit();
    expect(await take("a", 1)).toBe(first);
    later(61);
    expect(await take("a", 1)).toBe(second);
  });

  test("another agent never gets a leased job", async () => {
    const first = await submit(),
      second = await submit();
    expect(await take("a", 1)).toBe(first);
    expect(await take("b", 1)).toBe(second);
  });

  test("without `wait` every call takes a new job, as in the reference", async () => {
    const first = await submit(),
      second = await submit();
    expect(await take("a")).toBe(first);
    expect(await take("a")).toBe(second);
    expect(await take("a")).toBeUndefined();
  });

  test("a job whose agent has hung up before the answer is at its place in the queue again", async () => {
    const first = await submit({ job_priority: 5 });
    await submit();
    const gone = AbortSignal.abort();
    expect(await take("a", undefined, gone)).toBeUndefined();
    expect(await stateOf(first)).toMatchObject({ job_state: "waiting", position: 0 });
    expect(await take("b")).toBe(first);
  });

  test("two hundred agents at once get a hundred jobs, each once", async () => {
    const ids = await Promise.all(Array.from({ length: 100 }, () => submit()));
    const taken = await Promise.all(Array.from({ length: 200 }, (_, i) => take(`a${i}`)));
    expect(taken.filter((id) => id !== undefined).toSorted()).toEqual(ids.toSorted());
  });

  test("priority goes before age, and age before everything else", async () => {
    const old = await submit();
    later(1);
    const urgent = await submit({ job_priority: 10 });
    later(1);
    const young = await submit();
    expect([await take("a"), await take("a"), await take("a")]).toEqual([urgent, old, young]);
  });

  test("the state of a job tells what its logs would have to be read for otherwise", async () => {
    const id = await submit();
    expect(await stateOf(id)).toEqual({
      job_id: id,
      job_state: "waiting",
      phases: {},
      queue: "q",
      position: 0,
      agent: null,
      created_at: "2026-01-01T00:00:00.000Z",
      started_at: null,
      ended_at: null,
    });
    later(5);
    await take("a");
    await report(id, { status: { setup: 0 }, job_state: "provision" });
    later(5);
    await report(id, { status: { setup: 0, provision: 1 }, job_state: "complete" });
    expect(await stateOf(id)).toEqual({
      job_id: id,
      job_state: "complete",
      phases: { setup: 0, provision: 1 },
      queue: "q",
      position: null,
      agent: "a",
      created_at: "2026-01-01T00:00:00.000Z",
      started_at: "2026-01-01T00:00:05.000Z",
      ended_at: "2026-01-01T00:00:10.000Z",
    });
  });

  test("a job submitted again under its id starts with empty logs", async () => {
    const id = crypto.randomUUID();
    await submit({ job_id: id });
    await take("a");
    const fragment = {
      fragment_number: 0,
      timestamp: "2026-01-01T00:00:00Z",
      phase: "setup",
      log_data: "first attempt",
    };
    await call("POST", `/v1/result/${id}/log/output`, agentToken, fragment);
    await report(id, { job_state: "complete" });
    await submit({ job_id: id });
    expect(await (await call("GET", `/v1/result/${id}`, personToken)).json()).toEqual({ job_state: "waiting" });
  });
});

describe("with JOB_OWNERSHIP=enforce", () => {
  test.each<[string, Record<string, string>, number]>([
    ["the submitter", { id: "ann", role: "contributor" }, 200],
    ["a stranger", { id: "bob", role: "contributor" }, 403],
    ["a manager", { id: "mia", role: "manager" }, 200],
    ["an admin", { id: "adi", role: "admin" }, 200],
  ])("a job is cancelled by %s: %j -> %p", async (_, { id = "", role = "" }, status) => {
    const app = await testApp({ env: { JOB_OWNERSHIP: "enforce" } });
    const send = async (path: string, who: string, as: string, body: unknown) =>
      app.fetch(
        new Request(`http://localhost${path}`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${await app.token(who, { role: as })}`,
            "content-type": "application/json",
          },
          body: JSON.stringify(body),
        }),
      );
    const { job_id } = (await (await send("/v1/job", "ann", "contributor", { job_queue: "q" })).json()) as {
      job_id: string;
    };
    expect((await send(`/v1/job/${job_id}/action`, id, role, { action: "cancel" })).status).toBe(status);
    await app.close();
  });
});
