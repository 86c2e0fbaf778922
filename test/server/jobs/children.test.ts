import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { MAX_CHILDREN } from "../../../src/server/jobs/children.ts";
import type { Permissions } from "../../../src/server/store/clients.ts";
import { contract } from "../../contract/contract.ts";
import { at, newJob, START } from "../../contract/samples.ts";
import { TestClock } from "../../support/clock.ts";
import { SECRETS_MASTER_KEY_TEXT } from "../../support/secrets-master-key.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

/** Multi-device jobs where people log in (auth section 8, no. 13). */
contract("an agent that makes jobs for the job it works on", (subject) => {
  let app: TestApp;
  const clock = new TestClock();
  beforeEach(async () => {
    const env = { JOB_OWNERSHIP: "enforce", TESTFLINGER_SECRETS_MASTER_KEY: SECRETS_MASTER_KEY_TEXT };
    app = await testApp({ oidc: true, env, now: clock.now, on: subject });
  });
  afterEach(() => app.close());

  const ann = (permissions: Permissions = {}) =>
    app.store.clients.create({ id: "ann", permissions: { role: "contributor", ...permissions } });

  interface As {
    readonly cookie?: string | null;
    readonly permissions?: Permissions;
  }
  const send = async (path: string, body: unknown, { cookie = "rpi", permissions = {} }: As = {}) => {
    const token = await app.token("lab", { role: "agent", ...permissions });
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    if (cookie !== null) headers.cookie = `agent_name=${cookie}`;
    const answer = await app.fetch(
      new Request(`http://localhost/v1/job/${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
    );
    const text = await answer.text();
    return { status: answer.status, text, json: () => JSON.parse(text) as Record<string, string> };
  };
  const make = (parent: string, more: object = {}, as?: As) =>
    send(`${parent}/children`, { job_queue: "q", ...more }, as);
  const cancel = (parent: string, child: string, as?: As) =>
    send(`${parent}/children/${child}/action`, { action: "cancel" }, as);

  /** A job of `ann` that the agent `rpi` has taken. */
  const parentJob = async (given: Parameters<typeof newJob>[0] = {}) => {
    const job = newJob({ submitter: "ann", ...given });
    await app.store.jobs.submit(job);
    await app.store.jobs.pop({ agent: "rpi", queues: ["q"], now: clock.now() });
    return job.id;
  };
  const childOf = async (parent: string) => (await make(parent)).json().job_id as string;
  const stateOf = async (id: string) => (await app.store.jobs.summary(id))?.state;

  test("makes them as those of its submitter, with the job as their parent", async () => {
    await ann();
    const parent = await parentJob();
    const id = await childOf(parent);
    expect(await app.store.jobs.find(id)).toMatchObject({
      submitter: "ann",
      state: "waiting",
      definition: { parent_job_id: parent, job_queue: "q" },
    });
    expect(Object.keys((await app.store.jobs.find(id))!.definition)[0]).toBe("parent_job_id");
    expect((await app.store.jobs.children(parent, "ann")).map((child) => child.id)).toEqual([id]);
  });

  test("makes them for nobody in particular where the job is of nobody", async () => {
    const parent = await parentJob({ submitter: undefined });
    const id = await childOf(parent);
    expect((await app.store.jobs.find(id))?.submitter).toBeUndefined();
    expect((await make(parent, { job_priority: 1 })).status).toBe(403);
  });

  test("makes them for the owner of the secrets of a job that the reference has taken in", async () => {
    await ann();
    const parent = await parentJob({ submitter: undefined, secretsOwner: "ann" });
    const id = await childOf(parent);
    expect((await app.store.jobs.find(id))?.submitter).toBe("ann");
    expect((await cancel(parent, id)).status).toBe(200);
  });

  test.each<[string, Permissions, object, number]>([
    ["priority", { max_priority: { "*": 10 } }, { job_priority: 10 }, 200],
    ["too much priority", { max_priority: { "*": 10 } }, { job_priority: 11 }, 403],
    ["a restricted queue", { allowed_queues: ["restricted"] }, { job_queue: "restricted" }, 200],
    ["a restricted queue of others", {}, { job_queue: "restricted" }, 403],
    ["a long reservation", { max_reservation_time: { q: 90_000 } }, { reserve_data: { timeout: 90_000 } }, 200],
    ["too long a reservation", {}, { reserve_data: { timeout: 90_000 } }, 403],
    ["a field that there is not", {}, { test_data: { test_cmd: "true" } }, 422],
    ["an agent that there is not", {}, { exclude_agents: ["rpi"] }, 422],
  ])("asks what the submitter may do: %s", async (_, permissions, definition, status) => {
    await ann(permissions);
    await app.store.clients.create({ id: "owner", permissions: {} });
    await app.store.queues.restrict("restricted", "owner");
    expect((await make(await parentJob(), definition)).status).toBe(status);
  });

  test("asks what the submitter may do as a member of a group", async () => {
    const { clients, queues } = app.store;
    const person = { issuer: "i", sub: "ann", email: "ann@example.com", name: "Ann", groups: ["kernel"] };
    await clients.recordLogin(person, clock.now());
    await clients.create({ id: "group:kernel", permissions: {} });
    await queues.restrict("restricted", "group:kernel");
    const parent = await parentJob({ submitter: "ann@example.com" });
    expect((await make(parent, { job_queue: "restricted" })).status).toBe(200);
  });

  test("has its own permissions count for nothing, and is who the audit log names", async () => {
    await ann();
    const permissions = { max_priority: { "*": 100 } };
    const refused = await make(await parentJob(), { job_priority: 5 }, { permissions });
    expect(refused.json()).toMatchObject({ message: "Not enough permissions to push to q with priority 5" });
    expect(app.lines.some((line) => line.includes("authz_fail:lab,/v1/job/"))).toBeTrue();
    expect(app.lines.some((line) => line.includes("authz_fail:ann"))).toBeFalse();
  });

  describe("has nothing to make any more", () => {
    test.each<[string, (id: string) => Promise<unknown>]>([
      ["when its submitter is deleted", () => app.store.clients.delete("ann")],
      ["when its submitter is disabled", () => app.store.clients.update("ann", { disabled: true })],
      ["when its submitter may not submit", () => app.store.clients.update("ann", { role: "agent" })],
    ])("%s", async (_, change) => {
      await ann();
      const parent = await parentJob();
      await change(parent);
      const refused = await make(parent);
      expect([refused.status, refused.json().message]).toEqual([
        403,
        `The submitter of job ${parent} may not submit jobs any more`,
      ]);
    });

    test.each(["complete", "cancelled", "completed", "waiting"])("when it is %s", async (state) => {
      await ann();
      const parent = await parentJob();
      await app.store.jobs.report(parent, { state }, clock.now());
      const refused = await make(parent);
      expect([refused.status, refused.json().message]).toEqual([
        409,
        `Job ${parent} is not being worked on: it takes no child jobs`,
      ]);
    });
  });

  describe("is no other agent", () => {
    test.each<[string, As, number]>([
      ["of another name", { cookie: "rpi-2" }, 403],
      ["of no name", { cookie: null }, 401],
      ["that is bound to other names", { permissions: { allowed_agents: ["lab-*"] } }, 403],
    ])("%s", async (_, as, status) => {
      await ann();
      const parent = await parentJob();
      const child = await childOf(parent);
      expect((await make(parent, {}, as)).status).toBe(status);
      expect((await cancel(parent, child, as)).status).toBe(status);
      expect(await stateOf(child)).toBe("waiting");
      expect(await app.store.jobs.children(parent, "ann")).toHaveLength(1);
    });

    test("nor one whose job nobody has taken yet", async () => {
      await ann();
      const job = newJob({ submitter: "ann" });
      await app.store.jobs.submit(job);
      expect((await make(job.id)).status).toBe(403);
    });
  });

  test("names a job that there is", async () => {
    expect((await make(crypto.randomUUID())).status).toBe(404);
    expect((await make("mine")).status).toBe(400);
  });

  test("may name the parent in the job as well, but no other one", async () => {
    await ann();
    const parent = await parentJob();
    expect((await make(parent, { parent_job_id: parent })).status).toBe(200);
    const refused = await make(parent, { parent_job_id: crypto.randomUUID() });
    expect(refused.json()).toEqual({
      detail: { json: { parent_job_id: [`Must be ${parent}, or left out.`] } } as never,
      message: "Validation error",
    });
  });

  test("makes no children of children", async () => {
    await ann();
    const grandparent = await parentJob();
    const parent = await childOf(grandparent);
    await app.store.jobs.pop({ agent: "rpi", queues: ["q"], now: clock.now() });
    const refused = await make(parent);
    expect([refused.status, refused.json().message]).toEqual([
      409,
      `Job ${parent} is a child job: it takes no child jobs`,
    ]);
  });

  test(`makes ${MAX_CHILDREN} at most; what others submit under the job's id does not count`, async () => {
    await ann();
    const parent = await parentJob();
    const definition = { parent_job_id: parent };
    await app.store.jobs.submit(newJob({ submitter: "mallory", definition }));
    for (let made = 1; made < MAX_CHILDREN; made++)
      await app.store.jobs.submit(newJob({ submitter: "ann", definition }));
    expect((await make(parent)).status).toBe(200);
    expect((await make(parent)).status).toBe(409);
  });

  test("may choose their ids, but replaces nothing but its own", async () => {
    await ann();
    const parent = await parentJob();
    const [own, other] = [crypto.randomUUID(), newJob({ submitter: "bob" })];
    await app.store.jobs.submit(other);
    expect((await make(parent, { job_id: own, name: "first" })).status).toBe(200);
    expect((await make(parent, { job_id: own, name: "second" })).status).toBe(200);
    expect((await app.store.jobs.find(own))?.definition.name).toBe("second");
    expect((await make(parent, { job_id: other.id })).status).toBe(409);
    expect((await app.store.jobs.find(other.id))?.submitter).toBe("bob");
  });

  test("sends no attachments, for which they would wait for ever", async () => {
    await ann();
    const refused = await make(await parentJob(), { test_data: { attachments: [{ agent: "a" }] } });
    expect([refused.status, refused.json().message]).toEqual([422, "Child jobs cannot have attachments"]);
  });

  test("has them use those secrets of the submitter that the parent names, for itself or for a part", async () => {
    await ann();
    const token = await app.token("ann", { role: "contributor" });
    const put = (path: string) =>
      app.fetch(
        new Request(`http://localhost/v1/secrets/ann/${path}`, {
          method: "PUT",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
          body: JSON.stringify({ value: "a value" }),
        }),
      );
    for (const path of ["own", "part", "other"]) expect((await put(path)).status).toBe(200);
    const parent = await parentJob({
      definition: {
        test_data: { secrets: { OWN: "own" } },
        provision_data: { jobs: [{ job_queue: "q" }, { test_data: { secrets: { PART: "part" } } }] },
      },
    });
    const wants = (...paths: string[]) =>
      make(parent, { test_data: { secrets: Object.fromEntries(paths.map((path) => [path.toUpperCase(), path])) } });
    const child = await wants("own", "part");
    expect(child.status).toBe(200);
    expect((await app.store.jobs.find(child.json().job_id!))?.secretsOwner).toBe("ann");
    const refused = await wants("own", "other", "absent");
    expect([refused.status, refused.json().message]).toEqual([422, "Inaccessible secret paths: absent, other"]);
  });

  describe("cancels them", () => {
    test("while it works, and once", async () => {
      await ann();
      const parent = await parentJob();
      const child = await childOf(parent);
      expect(await cancel(parent, child)).toMatchObject({ status: 200, text: "OK" });
      expect(await stateOf(child)).toBe("cancelled");
      expect(await cancel(parent, child)).toMatchObject({
        status: 400,
        text: "The job is already completed or cancelled",
      });
    });

    test("after the parent was cancelled, which leaves them to it", async () => {
      await ann();
      const parent = await parentJob();
      const child = await childOf(parent);
      await app.store.jobs.cancel(parent, clock.now());
      expect(await stateOf(child)).toBe("waiting");
      expect((await cancel(parent, child)).status).toBe(200);
    });

    test("when their submitter is gone", async () => {
      await ann();
      const parent = await parentJob();
      const child = await childOf(parent);
      await app.store.clients.delete("ann");
      expect((await cancel(parent, child)).status).toBe(200);
    });

    test("and no other jobs, not even of the same submitter", async () => {
      await ann();
      const parent = await parentJob();
      const other = newJob({ submitter: "ann" });
      const foreign = newJob({ submitter: "bob", definition: { parent_job_id: parent } });
      for (const job of [other, foreign]) {
        await app.store.jobs.submit(job);
        expect((await cancel(parent, job.id)).status).toBe(404);
        expect(await stateOf(job.id)).toBe("waiting");
      }
      expect((await cancel(parent, parent)).status).toBe(404);
      expect((await cancel(parent, "mine")).status).toBe(400);
    });
  });

  test("reads how they are with its own token", async () => {
    await ann();
    const child = await childOf(await parentJob());
    await app.store.jobs.report(child, { state: "allocated", deviceInfo: { device_ip: "10.0.0.1" } }, clock.now());
    const headers = { authorization: `Bearer ${await app.token("lab", { role: "agent" })}` };
    const read = async (path: string) =>
      (await app.fetch(new Request(`http://localhost/v1/${path}`, { headers }))).json();
    expect(await read(`result/${child}`)).toMatchObject({
      job_state: "allocated",
      device_info: { device_ip: "10.0.0.1" },
    });
    expect(await read(`job/${child}/state`)).toMatchObject({ job_state: "allocated" });
  });
});

contract("children of a job", (subject) => {
  test("are those of one submitter, oldest first", async () => {
    const { jobs } = subject.store;
    const definition = { parent_job_id: "parent" };
    const [second, first] = [1, 0].map((seconds) => newJob({ definition, submitter: "s", createdAt: at(seconds) }));
    const nobodys = newJob({ definition });
    for (const job of [second!, first!, nobodys, newJob({ submitter: "s" })]) await jobs.submit(job);
    expect(await jobs.children("parent", "s")).toEqual([
      { id: first!.id, createdAt: START, state: "waiting", queue: "q" },
      { id: second!.id, createdAt: at(1), state: "waiting", queue: "q" },
    ]);
    expect((await jobs.children("parent", undefined)).map(({ id }) => id)).toEqual([nobodys.id]);
    expect(await jobs.children("other", "s")).toEqual([]);
  });
});
