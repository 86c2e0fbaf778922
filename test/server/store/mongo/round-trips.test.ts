import { describe, expect, test } from "bun:test";
import type { Document } from "mongodb";
import type { Store } from "../../../../src/server/store/store.ts";
import { onMongo, type Subject } from "./database.ts";

const NOW = new Date("2026-03-04T05:06:07Z");
const definition = { job_queue: "q", tags: ["t"] };
const job = (id: string) => ({ id, createdAt: NOW, priority: 0, definition });
const fragment = (number: number, jobId = "job") =>
  ({ jobId, type: "output", phase: "test", number, timestamp: NOW, data: `line ${number}\n` }) as const;

/** A store that holds what operations need, and what it sends to the database. */
async function watched({ open }: Pick<Subject, "open">): Promise<{ store: Store; sent: Document[] }> {
  const sent: Document[] = [];
  const store = await open({ onCommand: (command) => sent.push(command) });
  await store.jobs.submit(job("job"));
  await store.agents.report("agent", { state: "waiting" }, [], NOW);
  await store.clients.create({ id: "client", permissions: {} });
  await store.refreshTokens.add("token", { clientId: "client", issuedAt: NOW, expiresAt: NOW });
  sent.length = 0;
  return { store, sent };
}

/** As `command collection`. */
const named = (sent: readonly Document[]): string[] =>
  sent.map((command) => {
    const [name, collection] = Object.entries(command)[0]!;
    return `${name} ${collection}`;
  });

onMongo("round trips to MongoDB", (subject) => {
  test.each<[string, string[], (store: Store, call: number) => Promise<unknown>]>([
    ["submit a job", ["insert jobs"], ({ jobs }, call) => jobs.submit(job(`job-${call}`))],
    ["find a job", ["find jobs"], ({ jobs }) => jobs.find("job")],
    ["read the summary of a job", ["find jobs"], ({ jobs }) => jobs.summary("job")],
    ["read the position of a job", ["find jobs", "aggregate jobs"], ({ jobs }) => jobs.position("job")],
    [
      "ask for a job in vain",
      ["find jobs"],
      ({ jobs }, call) => jobs.pop({ agent: `a${call}`, queues: ["p"], now: NOW }),
    ],
    [
      "look for a lease",
      ["find jobs"],
      ({ jobs }, call) => jobs.leased({ agent: `a${call}`, queues: ["p"], now: NOW }),
    ],
    ["look for work", ["distinct jobs"], ({ jobs }, call) => jobs.queuesWithWork([`q${call}`])],
    ["append to a log", ["insert logs"], ({ logs }, call) => logs.append(fragment(call), NOW)],
    ["read an agent", ["find agents"], ({ agents }) => agents.find("agent")],
    ["ask whether a queue is restricted", ["find restricted_queues"], ({ queues }) => queues.isRestricted("q")],
    [
      "ask for restrictions where there are none",
      ["find restricted_queues"],
      ({ queues }) => queues.restrictions(["q"]),
    ],
    ["note a wait", ["update queue_wait_times"], ({ queues }) => queues.recordWait("q", 1)],
    ["read a client", ["find client_permissions"], ({ clients }) => clients.find("client")],
    ["find a refresh token", ["find refresh_tokens"], ({ refreshTokens }) => refreshTokens.find("token")],
    ["find attempts", ["find attempts"], ({ attempts }, call) => attempts.find([`key-${call}`], NOW)],
  ])("are shared by those who %s at the same time", async (_, expected, operation) => {
    const { store, sent } = await watched(subject);
    await operation(store, 0);
    expect(named(sent)).toEqual(expected);
    sent.length = 0;
    await Promise.all(Array.from({ length: 16 }, (__, call) => operation(store, call + 1)));
    expect(named(sent)).toEqual(expected);
  });

  test("for waits are few, and yet whoever asks after one was noted finds it", async () => {
    const { store, sent } = await watched(subject);
    const { queues } = store;
    const notings = [1, 2, 3].map((seconds) => queues.recordWait("q", seconds));
    expect(await queues.waitTimes(["q"])).toEqual(new Map([["q", [1, 2, 3]]]));
    await Promise.all(notings);
    expect(named(sent)).toEqual(["update queue_wait_times", "find queue_wait_times"]);
  });

  test("are one for a job that is thought to be there", async () => {
    const { store, sent } = await watched(subject);
    await store.jobs.pop({ agent: "a", queues: ["q"], now: NOW, expected: true });
    expect(named(sent)).toEqual(["findAndModify jobs"]);
  });

  test("are one for each further job of a queue that gives some, until it is empty", async () => {
    const { store, sent } = await watched(subject);
    await store.jobs.submit(job("second"));
    sent.length = 0;
    for (let call = 0; call < 4; call++) await store.jobs.pop({ agent: "a", queues: ["q"], now: NOW });
    expect(named(sent)).toEqual([
      "find jobs",
      "findAndModify jobs",
      "findAndModify jobs",
      "findAndModify jobs",
      "find jobs",
    ]);
  });

  test("for a job of a known id ask for no order, which a planner could follow through all that is stored", async () => {
    const { store, sent } = await watched(subject);
    const { jobs } = store;
    await jobs.find("job");
    await jobs.summaryWithPosition("job");
    await jobs.history("job");
    await jobs.report("job", { state: "test" }, NOW);
    await jobs.acknowledge("job");
    await jobs.cancel("job", NOW);
    await jobs.submit(job("job"));
    expect(sent.length).toBeGreaterThan(8);
    expect(sent.filter(({ sort }) => sort !== undefined)).toEqual([]);
  });
});

onMongo("insertions that share a command", (subject) => {
  describe("are told apart", () => {
    test("when some of the jobs are there already", async () => {
      const { store } = await watched(subject);
      await store.jobs.submit(job("active"));
      await store.jobs.report("active", { state: "test" }, NOW);
      const outcomes = await Promise.all(["new", "job", "active", "other"].map((id) => store.jobs.submit(job(id))));
      expect(outcomes).toEqual(["created", "replaced", "active", "created"]);
      expect((await store.jobs.inQueue("q")).map(({ id }) => id).toSorted()).toEqual(["active", "job", "new", "other"]);
    });

    test("when one job comes several times", async () => {
      const { store } = await watched(subject);
      const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.jobs.submit(job("new"))));
      expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
      expect(outcomes.filter((outcome) => outcome === "replaced")).toHaveLength(19);
    });

    test("when a fragment is repeated, and another one has its number", async () => {
      const { store } = await watched(subject);
      const { logs } = store;
      await logs.append(fragment(1), NOW);
      const appended = [fragment(0), fragment(1), { ...fragment(1), data: "other\n" }, fragment(2), fragment(2)];
      const outcomes = await Promise.all(appended.map((one) => logs.append(one, NOW)));
      expect(outcomes.slice(0, 3)).toEqual(["stored", "repeated", "conflicting"]);
      expect(outcomes.slice(3).toSorted()).toEqual(["repeated", "stored"]);
      const texts = (await logs.read({ jobId: "job", type: "output" })).map(({ data }) => data);
      expect(texts).toEqual(["line 0\n", "line 1\n", "line 2\n"]);
    });

    test("when one of them cannot be stored", async () => {
      const { store } = await watched(subject);
      const faulty = { ...job("faulty"), definition: { ...definition, test_data: { "a\u0000b": 1 } as object } };
      const outcomes = await Promise.allSettled([job("one"), faulty, job("two")].map((one) => store.jobs.submit(one)));
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      expect(await store.jobs.summary("faulty")).toBeNull();
      expect((await store.jobs.states(["one", "two"])).size).toBe(2);
    });
  });

  test("are not held up by a large job, which has a command of its own", async () => {
    const { store, sent } = await watched(subject);
    const large = { ...job("large"), definition: { ...definition, test_data: { test_cmds: "x".repeat(2 ** 20) } } };
    await Promise.all([job("one"), large, job("two")].map((one) => store.jobs.submit(one)));
    const counts = sent.filter(({ insert }) => insert === "jobs").map(({ documents }) => documents.length as number);
    expect(counts.toSorted()).toEqual([1, 2]);
  });
});
