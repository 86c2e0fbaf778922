import { expect, test } from "bun:test";
import type { JobSearch, NewJob } from "../../src/server/store/jobs.ts";
import { contract } from "./contract.ts";
import { at, jobIn, newJob, START } from "./samples.ts";

contract("places in the queue", (subject) => {
  test("count the waiting jobs ahead in pop order", async () => {
    const { jobs } = subject.store;
    const plain = newJob({ createdAt: at(1) });
    const sameTime = newJob({ createdAt: at(1) });
    const older = newJob({ createdAt: at(0) });
    const urgent = newJob({ createdAt: at(9), priority: 1 });
    const elsewhere = jobIn("other", { priority: 100 });
    for (const job of [plain, sameTime, older, urgent, elsewhere]) await jobs.submit(job);
    const positions = await Promise.all([urgent, older, plain, sameTime, elsewhere].map(({ id }) => jobs.position(id)));
    expect(positions).toEqual([0, 1, 2, 3, 0]);
    await jobs.pop({ agent: "a", queues: ["q"], now: at(10) });
    expect(await jobs.position(urgent.id)).toBeNull();
    expect(await jobs.position(plain.id)).toBe(1);
  });

  test("count jobs that await attachments or exclude agents", async () => {
    const { jobs } = subject.store;
    await jobs.submit(newJob({ attachments: "waiting" }));
    await jobs.submit(newJob({ definition: { exclude_agents: ["a"] } }));
    const job = newJob({ attachments: "waiting" });
    await jobs.submit(job);
    expect(await jobs.position(job.id)).toBe(2);
  });

  test("exist for waiting jobs only", async () => {
    const { jobs } = subject.store;
    expect(await jobs.position("unknown")).toBeNull();
    const job = newJob();
    await jobs.submit(job);
    await jobs.cancel(job.id, at(1));
    expect(await jobs.position(job.id)).toBeNull();
  });

  test("come with the summary of a job where both are asked for", async () => {
    const { jobs } = subject.store;
    const [first, second] = [newJob({ createdAt: at(1) }), newJob({ createdAt: at(2) })];
    for (const job of [first, second]) await jobs.submit(job);
    const summary = async () => (await jobs.summary(second.id))!;
    expect(await jobs.summaryWithPosition(second.id)).toEqual({ summary: await summary(), position: 1 });
    await jobs.cancel(second.id, at(3));
    expect(await jobs.summaryWithPosition(second.id)).toEqual({ summary: await summary(), position: null });
    expect(await jobs.summaryWithPosition("unknown")).toBeNull();
  });
});

contract("searching jobs", (subject) => {
  const everything: JobSearch = { tags: [], match: "any", states: [], active: false };
  const tagged = (tags: string[], given: Partial<NewJob> = {}) => newJob({ ...given, definition: { tags } });
  const search = async (given: Partial<JobSearch>) =>
    (await subject.store.jobs.search({ ...everything, ...given })).map(({ id }) => id);

  test("without a filter finds all jobs, the newest first", async () => {
    const { jobs } = subject.store;
    const [old, young, middle] = [
      newJob({ createdAt: at(1) }),
      jobIn("p", { createdAt: at(3) }),
      newJob({ createdAt: at(2) }),
    ];
    for (const job of [old, young, middle]) await jobs.submit(job);
    expect(await jobs.search(everything)).toEqual(
      [young, middle, old].map(({ id, createdAt, definition }) => ({
        id,
        createdAt,
        state: "waiting",
        queue: definition.job_queue,
      })),
    );
  });

  test("finds any or all of the tags", async () => {
    const [ab, b, c] = [
      tagged(["a", "b"], { createdAt: at(1) }),
      tagged(["b", "b"], { createdAt: at(2) }),
      tagged(["c", "a,b"], { createdAt: at(3) }),
    ];
    for (const job of [ab, b, c, newJob()]) await subject.store.jobs.submit(job);
    expect(await search({ tags: ["b"] })).toEqual([b.id, ab.id]);
    expect(await search({ tags: ["a", "c"] })).toEqual([c.id, ab.id]);
    expect(await search({ tags: ["a", "b"], match: "all" })).toEqual([ab.id]);
    expect(await search({ tags: ["b", "b"], match: "all" })).toEqual([b.id, ab.id]);
    expect(await search({ tags: ["a", "c"], match: "all" })).toEqual([]);
    expect(await search({ tags: ["A"] })).toEqual([]);
    expect(await search({ tags: ["x", "c", "c"], match: "any" })).toEqual([c.id]);
  });

  test("finds states", async () => {
    const { jobs } = subject.store;
    const [waiting, provisioning, cancelled] = [
      newJob({ createdAt: at(1) }),
      tagged(["t"], { createdAt: at(2) }),
      tagged(["t"], { createdAt: at(3) }),
    ];
    for (const job of [waiting, provisioning, cancelled]) await jobs.submit(job);
    await jobs.report(provisioning.id, { state: "provision" }, at(4));
    await jobs.cancel(cancelled.id, at(4));
    expect(await search({ states: ["cancelled"] })).toEqual([cancelled.id]);
    expect(await search({ states: ["cancelled", "waiting", "test"] })).toEqual([cancelled.id, waiting.id]);
    expect(await search({ states: ["test"] })).toEqual([]);
    expect(await search({ tags: ["t"], states: ["provision"] })).toEqual([provisioning.id]);
    expect(await search({ tags: ["t"], match: "all", states: ["waiting"] })).toEqual([]);
  });

  test("finds active jobs and then ignores the states", async () => {
    const { jobs } = subject.store;
    const all = ["waiting", "running", "test", "complete", "cancelled", "completed"];
    const ids: Record<string, string> = {};
    for (const [index, state] of all.entries()) {
      const job = tagged(index % 2 ? ["odd"] : [], { createdAt: at(index) });
      await jobs.submit(job);
      if (state !== "waiting") await jobs.report(job.id, { state }, at(10));
      ids[state] = job.id;
    }
    expect(await search({ active: true })).toEqual([ids.test!, ids.running!, ids.waiting!]);
    expect(await search({ active: true, states: ["complete"] })).toEqual([ids.test!, ids.running!, ids.waiting!]);
    expect(await search({ active: true, tags: ["odd"] })).toEqual([ids.running!]);
    expect(await search({ active: true, tags: ["odd"], match: "all" })).toEqual([ids.running!]);
  });
});

contract("listings of jobs", (subject) => {
  test("show every job of a queue, the oldest first", async () => {
    const { jobs } = subject.store;
    const [young, old] = [
      newJob({ createdAt: at(2) }),
      newJob({ createdAt: at(1), priority: 5, attachments: "waiting" }),
    ];
    for (const job of [young, old, jobIn("other")]) await jobs.submit(job);
    await jobs.cancel(young.id, at(3));
    expect(await jobs.inQueue("q")).toEqual([
      { id: old.id, createdAt: at(1), state: "waiting", queue: "q" },
      { id: young.id, createdAt: at(2), state: "cancelled", queue: "q" },
    ]);
    expect(await jobs.inQueue("unknown")).toEqual([]);
  });

  test("name the queues that have work for somebody", async () => {
    const { jobs } = subject.store;
    await jobs.submit(jobIn("plain"));
    await jobs.submit(jobIn("plain"));
    await jobs.submit(jobIn("picky", { definition: { exclude_agents: ["a"] } }));
    await jobs.submit(jobIn("gated", { attachments: "waiting" }));
    await jobs.submit(jobIn("not-asked"));
    const taken = jobIn("taken");
    await jobs.submit(taken);
    await jobs.pop({ agent: "a", queues: ["taken"], now: at(1) });
    const asked = ["plain", "picky", "gated", "taken", "empty"];
    expect((await jobs.queuesWithWork(asked)).sort()).toEqual(["picky", "plain"]);
    await jobs.release(taken.id, "a", at(1));
    expect((await jobs.queuesWithWork(asked)).sort()).toEqual(["picky", "plain", "taken"]);
    expect(await jobs.queuesWithWork([])).toEqual([]);
  });

  test("answer for thousands of queues", async () => {
    await subject.store.jobs.submit(jobIn("queue-4999"));
    const queues = Array.from({ length: 5000 }, (_, index) => `queue-${index}`);
    expect(await subject.store.jobs.queuesWithWork(queues)).toEqual(["queue-4999"]);
  });

  test("take names of any kind", async () => {
    const { jobs } = subject.store;
    const names = ["a\u0000b", 'quote"\\', "__proto__", "é😀", "%_*", "$q", "a.b", " "];
    for (const name of names) await jobs.submit(jobIn(name, { id: name, definition: { tags: [name] } }));
    expect((await jobs.queuesWithWork(names)).sort()).toEqual(names.toSorted());
    expect([...(await jobs.states(names)).keys()].sort()).toEqual(names.toSorted());
    for (const name of names) {
      expect((await jobs.inQueue(name)).map(({ id }) => id)).toEqual([name]);
      expect((await jobs.search({ tags: [name], match: "all", states: [], active: true })).map(({ id }) => id)).toEqual(
        [name],
      );
      expect((await jobs.pop({ agent: name, queues: [name], now: at(1), leasedUntil: at(9) }))?.id).toBe(name);
      expect((await jobs.leased({ agent: name, queues: [name], now: at(2) }))?.id).toBe(name);
    }
  });

  test("tell the states of given jobs", async () => {
    const { jobs } = subject.store;
    const [one, two] = [newJob({ createdAt: START }), newJob()];
    for (const job of [one, two, newJob()]) await jobs.submit(job);
    await jobs.cancel(two.id, at(1));
    expect(await jobs.states([one.id, "unknown", two.id, one.id])).toEqual(
      new Map([
        [one.id, "waiting"],
        [two.id, "cancelled"],
      ]),
    );
    expect(await jobs.states([])).toEqual(new Map());
  });
});
