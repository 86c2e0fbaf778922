import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, fragment, jobIn, newJob, START } from "./samples.ts";

contract("submitting jobs", (subject) => {
  test("a submitted job waits, with everything that was given", async () => {
    const { jobs } = subject.store;
    const job = newJob({
      priority: 7,
      attachments: "waiting",
      secretsOwner: "owner@example.com",
      submitter: "person@example.com",
      definition: {
        job_queue: "rpi4",
        name: "naïve 😀 \u0000 name",
        tags: ["a", "b.c", "$d"],
        global_timeout: 5,
        provision_data: { url: "https://example.com/image" },
        test_data: { test_cmds: "echo\n", secrets: { TOKEN: "a/b" } },
        firmware_update_data: { "dotted.key": { $dollar: [1, 2.5, null, true, { x: [] }] } },
        job_priority: 7,
      },
    });
    expect(await jobs.submit(job)).toBe("created");
    expect(await jobs.find(job.id)).toEqual({ ...job, state: "waiting", status: {} });
  });

  test("the keys of a definition keep their order", async () => {
    const { jobs } = subject.store;
    const definition = {
      name: "n",
      tags: ["t"],
      job_queue: "q",
      output_timeout: 3,
      global_timeout: 2,
      exclude_agents: [],
    };
    const job = { ...newJob(), definition };
    await jobs.submit(job);
    expect(Object.keys((await jobs.find(job.id))!.definition)).toEqual(Object.keys(definition));
  });

  test("whole numbers of 64 bits survive", async () => {
    const { jobs } = subject.store;
    for (const priority of [2 ** 31, -(2 ** 31) - 1, 2 ** 53 - 1, 2 ** 60, 2 ** 63, -(2 ** 63)]) {
      const job = newJob({ priority, definition: { job_priority: priority, global_timeout: priority } });
      await jobs.submit(job);
      expect(await jobs.find(job.id)).toMatchObject({ priority, definition: job.definition });
    }
  });

  test("an unknown job is null", async () => {
    const { jobs } = subject.store;
    expect(await jobs.find("unknown")).toBeNull();
    expect(await jobs.summary("unknown")).toBeNull();
  });

  test("ids are compared literally", async () => {
    const { jobs } = subject.store;
    const job = newJob({ id: "a0b1c2d3-0000-4000-8000-000000000000" });
    await jobs.submit(job);
    expect(await jobs.find(job.id.toUpperCase())).toBeNull();
    expect(await jobs.find(job.id.replaceAll("-", ""))).toBeNull();
  });

  test("a summary is the job without its definition", async () => {
    const { jobs } = subject.store;
    const job = jobIn("q", { attachments: "complete", submitter: "s", priority: 3 });
    await jobs.submit(job);
    expect(await jobs.summary(job.id)).toEqual({
      id: job.id,
      createdAt: START,
      state: "waiting",
      status: {},
      priority: 3,
      submitter: "s",
      attachments: "complete",
      queue: "q",
    });
    await jobs.pop({ agent: "a", queues: ["q"], now: at(1), leasedUntil: at(61) });
    expect(await jobs.summary(job.id)).toMatchObject({
      state: "running",
      startedAt: at(1),
      agent: "a",
      leasedUntil: at(61),
    });
    await jobs.report(job.id, { state: "complete", status: { test: 1 } }, at(2));
    expect(await jobs.summary(job.id)).toMatchObject({ state: "complete", endedAt: at(2), status: { test: 1 } });
  });

  test("a job that waits is replaced as a whole", async () => {
    const { jobs } = subject.store;
    const old = newJob({
      priority: 9,
      attachments: "waiting",
      secretsOwner: "o",
      submitter: "s",
      definition: { name: "old", tags: ["old"], exclude_agents: ["a"] },
    });
    await jobs.submit(old);
    const renewed = jobIn("other", { id: old.id, createdAt: at(5) });
    expect(await jobs.submit(renewed)).toBe("replaced");
    expect(await jobs.find(old.id)).toEqual({ ...renewed, state: "waiting", status: {} });
    expect(await jobs.inQueue("q")).toEqual([]);
    expect(await jobs.search({ tags: ["old"], match: "any", states: [], active: false })).toEqual([]);
    expect((await jobs.pop({ agent: "a", queues: ["other"], now: at(6) }))?.id).toBe(old.id);
  });

  test.each(["complete", "cancelled", "completed"])("a job that is %s is replaced as a whole", async (state) => {
    const { jobs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(1), leasedUntil: at(60) });
    await jobs.report(job.id, { state, status: { test: 1 }, deviceInfo: { a: 1 } }, at(2));
    const renewed = newJob({ id: job.id, createdAt: at(5) });
    expect(await jobs.submit(renewed)).toBe("replaced");
    expect(await jobs.find(job.id)).toEqual({ ...renewed, state: "waiting", status: {} });
    expect(await jobs.position(job.id)).toBe(0);
  });

  test.each(["running", "test", "allocated", "anything"])("a job that is %s stays", async (state) => {
    const { jobs } = subject.store;
    const job = newJob({ definition: { name: "first" } });
    await jobs.submit(job);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(1) });
    await jobs.report(job.id, { state }, at(2));
    const before = await jobs.find(job.id);
    expect(await jobs.submit(newJob({ id: job.id }))).toBe("active");
    expect(await jobs.find(job.id)).toEqual(before);
  });

  test("a replaced job's logs are the caller's to remove", async () => {
    const { jobs, logs } = subject.store;
    const job = newJob();
    await jobs.submit(job);
    await logs.append(fragment({ jobId: job.id }), START);
    await jobs.submit(newJob({ id: job.id }));
    expect(await logs.read({ jobId: job.id, type: "output" })).toHaveLength(1);
  });

  test("of one id submitted by many at once one job comes into being", async () => {
    const { jobs } = subject.store;
    const id = crypto.randomUUID();
    const answers = await atOnce(50, (index) => jobs.submit(newJob({ id, definition: { name: `${index}` } })));
    expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "replaced")).toHaveLength(49);
    expect(await jobs.inQueue("q")).toHaveLength(1);
  });

  test("jobs are there after a restart", async () => {
    const job = newJob({ priority: 4, definition: { tags: ["t"] } });
    await subject.store.jobs.submit(job);
    const { jobs } = await subject.reopen();
    expect(await jobs.find(job.id)).toEqual({ ...job, state: "waiting", status: {} });
  });
});
