import { expect, test } from "bun:test";
import { contract } from "./contract.ts";
import { at, atOnce, START } from "./samples.ts";

contract("agents", (subject) => {
  const report = (name: string, given = {}, log: string[] = [], now = START) =>
    subject.store.agents.report(name, given, log, now);

  test("an agent's first report creates it", async () => {
    const { agents } = subject.store;
    const all = {
      identifier: "i",
      job_id: "",
      location: "lab",
      provision_type: "maas",
      state: "waiting",
      comment: "",
      queues: ["b", "a"],
    };
    await report("one", all);
    expect(await agents.find("one")).toEqual({ name: "one", updatedAt: START, ...all });
    await report("two");
    expect(await agents.find("two")).toEqual({ name: "two", updatedAt: START });
    expect(Object.keys((await agents.find("two"))!).sort()).toEqual(["name", "updatedAt"]);
    expect(await agents.find("three")).toBeNull();
  });

  test("later reports replace the given fields only", async () => {
    await report("one", { state: "test", location: "lab", queues: ["a", "b"] });
    await report("one", { state: "offline", comment: "broken" }, [], at(5));
    expect(await subject.store.agents.find("one")).toEqual({
      name: "one",
      updatedAt: at(5),
      state: "offline",
      comment: "broken",
      location: "lab",
      queues: ["a", "b"],
    });
    await report("one", { queues: [] }, [], at(6));
    expect(await subject.store.agents.find("one")).toMatchObject({ queues: [], state: "offline" });
    expect(await subject.store.agents.inQueue("a")).toEqual([]);
  });

  test("agents are listed by name", async () => {
    for (const name of ["b", "a", "C"]) await report(name, { state: name });
    expect((await subject.store.agents.list()).map(({ name, state }) => [name, state])).toEqual([
      ["C", "C"],
      ["a", "a"],
      ["b", "b"],
    ]);
  });

  test("agents are found by their queues", async () => {
    const { agents } = subject.store;
    await report("b", { queues: ["x", "y", "x"] });
    await report("a", { queues: ["y"] });
    await report("c", { queues: ["x y"] });
    expect(await agents.inQueue("y")).toEqual([(await agents.find("a"))!, (await agents.find("b"))!]);
    expect((await agents.inQueue("x")).map(({ name }) => name)).toEqual(["b"]);
    expect(await agents.inQueue("unknown")).toEqual([]);
    await report("b", { queues: ["z"] });
    expect(await agents.inQueue("x")).toEqual([]);
    expect((await agents.inQueue("z")).map(({ name }) => name)).toEqual(["b"]);
  });

  test("a queue is served when an agent that is not excluded lists it", async () => {
    const { agents } = subject.store;
    for (const name of ["a", "b"]) await report(name, { queues: ["q"] });
    expect(await agents.servesQueue("q")).toBe(true);
    expect(await agents.servesQueue("q", [])).toBe(true);
    expect(await agents.servesQueue("q", ["a"])).toBe(true);
    expect(await agents.servesQueue("q", ["a", "c", "b"])).toBe(false);
    expect(await agents.servesQueue("unknown")).toBe(false);
  });

  test("log lines are appended and the last 100 kept", async () => {
    const { agents } = subject.store;
    await report("a", {}, ["first", "second"]);
    await report("a", {}, []);
    await report("a", {}, ["third\u0000\u001b"]);
    expect(await agents.log("a")).toEqual(["first", "second", "third\u0000\u001b"]);
    await report(
      "a",
      {},
      Array.from({ length: 98 }, (_, index) => `${index}`),
    );
    expect(await agents.log("a")).toEqual([
      "second",
      "third\u0000\u001b",
      ...Array.from({ length: 98 }, (_, index) => `${index}`),
    ]);
    await report(
      "a",
      {},
      Array.from({ length: 250 }, (_, index) => `${index}`),
    );
    expect(await agents.log("a")).toEqual(Array.from({ length: 100 }, (_, index) => `${150 + index}`));
    expect(await agents.log("unknown")).toEqual([]);
  });

  test("reports that arrive at once lose no field and no line", async () => {
    const { agents } = subject.store;
    await atOnce(30, (index) =>
      report("a", index % 2 ? { state: "s" } : { comment: "c", queues: ["q"] }, [`${index}`]),
    );
    expect(await agents.find("a")).toEqual({ name: "a", updatedAt: START, state: "s", comment: "c", queues: ["q"] });
    expect((await agents.log("a")).sort()).toEqual(Array.from({ length: 30 }, (_, index) => `${index}`).sort());
    expect(await agents.list()).toHaveLength(1);
  });

  test("names are text of any kind", async () => {
    const names = ["$a.b", "__proto__", "é😀", " "];
    for (const name of names) await report(name, { queues: ["__proto__", "a.b", "$q"] });
    expect((await subject.store.agents.list()).map(({ name }) => name).sort()).toEqual(names.sort());
    for (const queue of ["__proto__", "a.b", "$q"]) expect(await subject.store.agents.inQueue(queue)).toHaveLength(4);
  });

  test("agents are there after a restart", async () => {
    await report("a", { queues: ["q"] }, ["line"]);
    const { agents } = await subject.reopen();
    expect(await agents.inQueue("q")).toEqual([{ name: "a", updatedAt: START, queues: ["q"] }]);
    expect(await agents.log("a")).toEqual(["line"]);
  });
});

contract("provision history", (subject) => {
  const record = (exitCode: number, given = {}) =>
    subject.store.agents.recordProvision("a", { jobId: "j", exitCode, timestamp: START, ...given });
  const streak = async () => (await subject.store.agents.find("a"))?.provisionStreak;

  test("an unknown agent has none and gets none", async () => {
    expect(await record(0)).toBe(false);
    expect(await subject.store.agents.find("a")).toBeNull();
    expect(await subject.store.agents.provisionHistory("a")).toEqual([]);
    await subject.store.agents.report("a", {}, [], START);
    expect(await subject.store.agents.provisionHistory("a")).toEqual([]);
  });

  test("is told with the newest first", async () => {
    await subject.store.agents.report("a", {}, [], START);
    expect(await record(0)).toBe(true);
    await record(-7, { jobId: "not a uuid", detail: "why\u0000", timestamp: at(-100) });
    expect(await subject.store.agents.provisionHistory("a")).toEqual([
      { jobId: "not a uuid", exitCode: -7, detail: "why\u0000", timestamp: at(-100) },
      { jobId: "j", exitCode: 0, timestamp: START },
    ]);
  });

  test("counts the attempts that ended alike", async () => {
    await subject.store.agents.report("a", {}, [], START);
    expect(await streak()).toBeUndefined();
    const expected = [
      [0, "pass", 1],
      [0, "pass", 2],
      [1, "fail", 1],
      [46, "fail", 2],
      [-1, "fail", 3],
      [0, "pass", 1],
    ] as const;
    for (const [exitCode, type, count] of expected) {
      await record(exitCode);
      expect(await streak()).toEqual({ type, count });
    }
  });

  test("recording does not count as a report of the agent", async () => {
    await subject.store.agents.report("a", { state: "provision" }, [], START);
    await record(0, { timestamp: at(50) });
    expect(await subject.store.agents.find("a")).toEqual({
      name: "a",
      updatedAt: START,
      state: "provision",
      provisionStreak: { type: "pass", count: 1 },
    });
  });

  test("keeps the last 100 and counts on", async () => {
    await subject.store.agents.report("a", {}, [], START);
    for (let index = 0; index < 103; index++) await record(0, { jobId: `${index}` });
    const history = await subject.store.agents.provisionHistory("a");
    expect(history.map(({ jobId }) => jobId)).toEqual(Array.from({ length: 100 }, (_, index) => `${102 - index}`));
    expect(await streak()).toEqual({ type: "pass", count: 103 });
  });

  test("attempts recorded at once are all counted", async () => {
    await subject.store.agents.report("a", {}, [], START);
    await atOnce(40, (index) => record(1, { jobId: `${index}` }));
    expect(await streak()).toEqual({ type: "fail", count: 40 });
    expect(await subject.store.agents.provisionHistory("a")).toHaveLength(40);
  });

  test("is there after a restart", async () => {
    await subject.store.agents.report("a", {}, [], START);
    await record(0);
    const { agents } = await subject.reopen();
    expect(await agents.provisionHistory("a")).toEqual([{ jobId: "j", exitCode: 0, timestamp: START }]);
  });
});
