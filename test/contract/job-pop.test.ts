import { expect, test } from "bun:test";
import type { NewJob } from "../../src/server/store/jobs.ts";
import { contract } from "./contract.ts";
import { at, atOnce, jobIn, newJob, START } from "./samples.ts";

contract("handing out jobs", (subject) => {
  const submit = async (...jobs: NewJob[]) => {
    for (const job of jobs) await subject.store.jobs.submit(job);
  };
  const pop = (queues: readonly string[] = ["q"], agent = "agent") =>
    subject.store.jobs.pop({ agent, queues, now: at(100) });

  test("a popped job runs at the agent", async () => {
    const job = newJob({ submitter: "s", secretsOwner: "o", attachments: "complete" });
    await submit(job);
    const popped = await subject.store.jobs.pop({ agent: "a", queues: ["q"], now: at(3), leasedUntil: at(63) });
    const expected = { ...job, state: "running", status: {}, startedAt: at(3), agent: "a", leasedUntil: at(63) };
    expect(popped).toEqual(expected);
    expect(await subject.store.jobs.find(job.id)).toEqual(expected);
  });

  test("without a lease there is none", async () => {
    const job = newJob();
    await submit(job);
    expect(await pop()).not.toHaveProperty("leasedUntil");
    expect(await subject.store.jobs.leased({ agent: "agent", queues: ["q"], now: at(100) })).toBeNull();
  });

  test("no job is handed out twice", async () => {
    await submit(newJob());
    expect(await pop()).not.toBeNull();
    expect(await pop()).toBeNull();
  });

  test("the highest priority goes first, then the oldest, then the one inserted first", async () => {
    const late = newJob({ priority: 1, createdAt: at(9) });
    const low = newJob({ priority: -1, createdAt: at(-9) });
    const [first, second, third] = [newJob({ priority: 1 }), newJob({ priority: 1 }), newJob({ priority: 1 })];
    const plain = newJob({ createdAt: at(-10) });
    const huge = newJob({ priority: 2 ** 40, createdAt: at(50) });
    await submit(late, low, first, second, third, plain, huge);
    const order = [];
    for (let job = await pop(); job; job = await pop()) order.push(job.id);
    expect(order).toEqual([huge, first, second, third, late, plain, low].map(({ id }) => id));
  });

  test("the order holds across queues", async () => {
    const jobs = [
      jobIn("b", { priority: 5, createdAt: at(2) }),
      jobIn("a", { priority: 5, createdAt: at(3) }),
      jobIn("c", { priority: 5, createdAt: at(3) }),
      jobIn("a", { createdAt: at(0) }),
      jobIn("b", { createdAt: at(1) }),
    ];
    await submit(jobs[3]!, jobs[1]!, jobs[4]!, jobs[2]!, jobs[0]!);
    const order = [];
    for (let job = await pop(["c", "a", "b"]); job; job = await pop(["c", "a", "b"])) order.push(job.id);
    expect(order).toEqual(jobs.map(({ id }) => id));
  });

  test("only the asked queues are looked at, by their exact names", async () => {
    await submit(jobIn("one"), jobIn("One"), jobIn("one "));
    expect((await pop(["one"]))?.definition.job_queue).toBe("one");
    expect(await pop(["one"])).toBeNull();
    expect(await pop([])).toBeNull();
    expect(await pop(["unknown"])).toBeNull();
  });

  test("a queue named twice counts once", async () => {
    await submit(newJob());
    expect(await pop(["q", "q"])).not.toBeNull();
    expect(await pop(["q", "q"])).toBeNull();
  });

  test("a job that awaits attachments is held back until they are there", async () => {
    const gated = newJob({ attachments: "waiting", priority: 9 });
    const plain = newJob();
    await submit(gated, plain);
    expect((await pop())?.id).toBe(plain.id);
    expect(await pop()).toBeNull();
    await subject.store.jobs.completeAttachments(gated.id);
    expect((await pop())?.id).toBe(gated.id);
  });

  test("a job is not given to an agent that it excludes", async () => {
    const picky = newJob({ priority: 9, definition: { exclude_agents: ["agent", "other"] } });
    const plain = newJob();
    await submit(picky, plain);
    expect((await pop())?.id).toBe(plain.id);
    expect(await pop()).toBeNull();
    expect((await pop(["q"], "third"))?.id).toBe(picky.id);
  });

  test("a job without a list of excluded agents goes to anyone", async () => {
    const job = { ...newJob(), definition: { job_queue: "q" } };
    await submit(job);
    expect((await pop())?.id).toBe(job.id);
  });

  test.each(["running", "test", "complete", "cancelled", "completed"])(
    "a job that is %s is not handed out",
    async (state) => {
      const job = newJob();
      await submit(job);
      await subject.store.jobs.report(job.id, { state }, at(1));
      expect(await pop()).toBeNull();
    },
  );

  test("a job that was moved back to waiting is handed out again", async () => {
    const job = newJob();
    await submit(job);
    await pop();
    await subject.store.jobs.report(job.id, { state: "waiting" }, at(101));
    expect((await pop(["q"], "second"))?.agent).toBe("second");
  });

  test("200 agents that ask at once get 100 jobs, each once, the first ones first", async () => {
    const jobs = Array.from({ length: 100 }, (_, index) =>
      jobIn(index % 3 === 0 ? "a" : "b", { priority: index % 4, createdAt: at(index % 7) }),
    );
    await submit(...jobs);
    const first = await atOnce(40, (index) => pop(["a", "b"], `agent-${index}`));
    const rest = await atOnce(160, (index) => pop(["b", "a"], `agent-${40 + index}`));
    const order = jobs
      .map((job, inserted) => ({ ...job, inserted }))
      .sort((a, b) => b.priority - a.priority || +a.createdAt - +b.createdAt || a.inserted - b.inserted)
      .map(({ id }) => id);
    const ids = (popped: Awaited<ReturnType<typeof pop>>[]) => popped.flatMap((job) => (job ? [job.id] : []));
    expect(ids(first).sort()).toEqual(order.slice(0, 40).sort());
    expect(ids(rest).sort()).toEqual(order.slice(40).sort());
  });
});

contract("leases", (subject) => {
  const take = async (agent = "a") => {
    const job = newJob();
    await subject.store.jobs.submit(job);
    await subject.store.jobs.pop({ agent, queues: ["q"], now: at(0), leasedUntil: at(60) });
    return job.id;
  };
  const leased = async (given: { agent?: string; queues?: string[]; now?: Date } = {}) =>
    (await subject.store.jobs.leased({ agent: "a", queues: ["q"], now: at(1), ...given }))?.id ?? null;

  test("a leased job is found again by its agent", async () => {
    const id = await take();
    expect(await subject.store.jobs.leased({ agent: "a", queues: ["p", "q"], now: at(59) })).toEqual(
      await subject.store.jobs.find(id),
    );
    expect(await leased({ agent: "b" })).toBeNull();
    expect(await leased({ queues: ["p"] })).toBeNull();
    expect(await leased({ queues: [] })).toBeNull();
  });

  test("a lease ends at its time", async () => {
    const id = await take();
    expect(await leased({ now: at(59.999) })).toBe(id);
    expect(await leased({ now: at(60) })).toBeNull();
  });

  test("acknowledging ends the lease", async () => {
    const id = await take();
    await subject.store.jobs.acknowledge(id);
    expect(await leased()).toBeNull();
    expect(await subject.store.jobs.find(id)).not.toHaveProperty("leasedUntil");
    expect(await subject.store.jobs.find(id)).toMatchObject({ state: "running", agent: "a", startedAt: at(0) });
  });

  test("acknowledging an unknown job does nothing", async () => {
    await subject.store.jobs.acknowledge("unknown");
    expect(await subject.store.jobs.find("unknown")).toBeNull();
  });

  test.each([
    ["a state", { state: "running" }],
    ["a status", { status: { setup: 0 } }],
    ["device information", { deviceInfo: { ip: "x" } }],
    ["nothing", {}],
  ])("reporting %s ends the lease", async (_, results) => {
    const id = await take();
    await subject.store.jobs.report(id, results, at(1));
    expect(await leased()).toBeNull();
    expect(await subject.store.jobs.find(id)).not.toHaveProperty("leasedUntil");
  });

  test("a cancelled job is not leased any more", async () => {
    const id = await take();
    await subject.store.jobs.cancel(id, at(1));
    expect(await leased()).toBeNull();
  });

  test("the lease of another agent that took the job later counts", async () => {
    const { jobs } = subject.store;
    const id = await take();
    await jobs.release(id, "a", at(0));
    await jobs.pop({ agent: "b", queues: ["q"], now: at(2), leasedUntil: at(62) });
    expect(await leased()).toBeNull();
    expect(await leased({ agent: "b", now: at(3) })).toBe(id);
  });

  test("a lease is there after a restart", async () => {
    const id = await take();
    await subject.reopen();
    expect(await leased()).toBe(id);
  });
});

contract("putting back a job whose answer was lost", (subject) => {
  const take = async (leasedUntil?: Date) => {
    const job = newJob();
    await subject.store.jobs.submit(job);
    await subject.store.jobs.pop({ agent: "a", queues: ["q"], now: at(5), leasedUntil });
    return job;
  };

  test.each([
    ["without a lease", undefined],
    ["under a lease", at(65)],
  ])("a job taken %s waits again as before", async (_, lease) => {
    const job = await take(lease);
    expect(await subject.store.jobs.release(job.id, "a", at(5))).toBe(true);
    expect(await subject.store.jobs.find(job.id)).toEqual({ ...job, state: "waiting", status: {} });
    expect(await subject.store.jobs.release(job.id, "a", at(5))).toBe(false);
  });

  test("it is at its old place in the queue", async () => {
    const { jobs } = subject.store;
    const job = await take();
    const later = newJob();
    await jobs.submit(later);
    await jobs.release(job.id, "a", at(5));
    expect(await jobs.position(job.id)).toBe(0);
    expect(await jobs.position(later.id)).toBe(1);
  });

  test("another agent or another attempt cannot put it back", async () => {
    const { jobs } = subject.store;
    const job = await take();
    expect(await jobs.release(job.id, "b", at(5))).toBe(false);
    expect(await jobs.release(job.id, "a", at(5.001))).toBe(false);
    expect(await jobs.release("unknown", "a", at(5))).toBe(false);
    expect((await jobs.find(job.id))?.state).toBe("running");
  });

  test.each([
    ["acknowledged", (id: string) => subject.store.jobs.acknowledge(id)],
    ["reported on", (id: string) => subject.store.jobs.report(id, { status: {} }, at(6))],
    ["moved on", (id: string) => subject.store.jobs.report(id, { state: "setup" }, at(6))],
    ["cancelled", (id: string) => subject.store.jobs.cancel(id, at(6))],
  ])("a job that was %s is not put back", async (_, happen) => {
    const job = await take();
    await happen(job.id);
    const before = await subject.store.jobs.find(job.id);
    expect(await subject.store.jobs.release(job.id, "a", at(5))).toBe(false);
    expect(await subject.store.jobs.find(job.id)).toEqual(before);
  });

  test("reports on an earlier attempt do not count for the next one", async () => {
    const { jobs } = subject.store;
    const job = await take();
    await jobs.report(job.id, { state: "waiting" }, at(6));
    await jobs.pop({ agent: "a", queues: ["q"], now: at(7), leasedUntil: at(67) });
    expect((await jobs.leased({ agent: "a", queues: ["q"], now: at(8) }))?.id).toBe(job.id);
    expect(await jobs.release(job.id, "a", at(7))).toBe(true);
  });

  test("a job is put back once, however many ask", async () => {
    const job = await take();
    const answers = await atOnce(20, () => subject.store.jobs.release(job.id, "a", at(5)));
    expect(answers.filter(Boolean)).toHaveLength(1);
  });

  test("submission time and the start are not confused", async () => {
    const job = await take();
    expect(await subject.store.jobs.release(job.id, "a", START)).toBe(false);
  });
});
