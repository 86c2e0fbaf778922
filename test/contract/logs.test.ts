import { expect, test } from "bun:test";
import type { LogQuery } from "../../src/server/store/logs.ts";
import { contract } from "./contract.ts";
import { at, atOnce, fragment, START } from "./samples.ts";

contract("logs", (subject) => {
  const append = (given: Parameters<typeof fragment>[0]) => subject.store.logs.append(fragment(given), START);
  const numbers = async (given: Partial<LogQuery> = {}) =>
    (await subject.store.logs.read({ jobId: "job", type: "output", ...given })).map(({ number }) => number);

  test("a fragment is read back as it was", async () => {
    const original = fragment({
      data: "\u001b[31mred\u0000\r\n\ufeff 😀 \u2028",
      phase: "firmware_update",
      timestamp: at(0.123),
      number: 2 ** 40,
    });
    expect(await subject.store.logs.append(original, START)).toBe("stored");
    expect(await subject.store.logs.read({ jobId: "job", type: "output" })).toEqual([original]);
  });

  test("fragments come in ascending order of their numbers", async () => {
    for (const number of [10, 2, -1, 0, 9]) await append({ number });
    expect(await numbers()).toEqual([-1, 0, 2, 9, 10]);
  });

  test("an empty fragment is one", async () => {
    await append({ data: "" });
    expect(await numbers()).toEqual([0]);
  });

  test("a fragment of a megabyte is kept whole", async () => {
    const data = "0123456789abcdef".repeat(65_536);
    await append({ data });
    expect((await subject.store.logs.read({ jobId: "job", type: "output" }))[0]?.data).toBe(data);
  });

  test("jobs and log types are apart", async () => {
    await append({ number: 0 });
    await append({ number: 1, type: "serial" });
    await append({ number: 2, jobId: "other" });
    expect(await numbers()).toEqual([0]);
    expect(await numbers({ type: "serial" })).toEqual([1]);
    expect(await numbers({ jobId: "other" })).toEqual([2]);
    expect(await numbers({ jobId: "unknown" })).toEqual([]);
  });

  test("a repeated fragment is kept once", async () => {
    expect(await append({ data: "same" })).toBe("stored");
    expect(await append({ data: "same" })).toBe("repeated");
    expect(await append({ data: "same", timestamp: at(5) })).toBe("repeated");
    expect(await numbers()).toEqual([0]);
  });

  test.each([
    ["text", { data: "other" }],
    ["phase", { phase: "reserve" as const }],
  ])("a different %s under the same number keeps the first", async (_, other) => {
    await append({});
    expect(await append(other)).toBe("conflicting");
    expect(await subject.store.logs.read({ jobId: "job", type: "output" })).toEqual([fragment()]);
  });

  test("the same fragment posted by many at once is stored once", async () => {
    const answers = await atOnce(30, () => append({ data: "same" }));
    expect(answers.filter((answer) => answer === "stored")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "repeated")).toHaveLength(29);
    expect(await numbers()).toEqual([0]);
  });

  test("of different texts posted at once under one number one stays", async () => {
    const answers = await atOnce(30, (index) => append({ data: `${index}` }));
    expect(answers.filter((answer) => answer === "stored")).toHaveLength(1);
    expect(answers.filter((answer) => answer === "conflicting")).toHaveLength(29);
    const [kept] = await subject.store.logs.read({ jobId: "job", type: "output" });
    expect(answers[Number(kept!.data)]).toBe("stored");
  });

  test("a query names the lowest number, the earliest time, the phase and a limit", async () => {
    for (let number = 0; number < 6; number++) {
      await append({ number, timestamp: at(6 - number), phase: number < 3 ? "setup" : "test" });
    }
    expect(await numbers({ from: 4 })).toEqual([4, 5]);
    expect(await numbers({ from: 6 })).toEqual([]);
    expect(await numbers({ since: at(4) })).toEqual([0, 1, 2]);
    expect(await numbers({ since: at(4.001) })).toEqual([0, 1]);
    expect(await numbers({ phase: "test" })).toEqual([3, 4, 5]);
    expect(await numbers({ phase: "cleanup" })).toEqual([]);
    expect(await numbers({ limit: 2 })).toEqual([0, 1]);
    expect(await numbers({ limit: 100 })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await numbers({ from: 1, since: at(2), phase: "test", limit: 1 })).toEqual([3]);
  });

  test("the latest number of each log is told; empty logs are left out", async () => {
    const { logs } = subject.store;
    for (const number of [3, 1]) await append({ number });
    await append({ number: 7, type: "serial" });
    await append({ number: -2, jobId: "negative" });
    const asked = [
      { jobId: "job", type: "output" },
      { jobId: "job", type: "serial" },
      { jobId: "negative", type: "output" },
      { jobId: "negative", type: "serial" },
      { jobId: "unknown", type: "output" },
    ] as const;
    expect(await logs.latest(asked)).toEqual(
      new Map([
        ["job/output", 3],
        ["job/serial", 7],
        ["negative/output", -2],
      ]),
    );
    expect(await logs.latest([])).toEqual(new Map());
  });

  test("removing a job's logs leaves those of others", async () => {
    const { logs } = subject.store;
    await append({});
    await append({ type: "serial" });
    await append({ jobId: "other" });
    await logs.remove("job");
    expect(await numbers()).toEqual([]);
    expect(await numbers({ type: "serial" })).toEqual([]);
    expect(await numbers({ jobId: "other" })).toEqual([0]);
    expect(await append({ data: "another attempt" })).toBe("stored");
  });

  test("logs are there after a restart", async () => {
    await append({});
    await subject.reopen();
    expect(await numbers()).toEqual([0]);
    expect(await append({})).toBe("repeated");
  });
});
