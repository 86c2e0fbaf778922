import { expect, test } from "bun:test";
import type { LogFragment } from "../../src/server/store/logs.ts";
import { contract } from "./contract.ts";
import { fragment, START } from "./samples.ts";

contract("the extent of a log", (subject) => {
  const write = async (...fragments: Partial<LogFragment>[]) => {
    for (const one of fragments) await subject.store.logs.append(fragment(one), START);
  };

  test("counts line ends and UTF-8 bytes", async () => {
    const { logs } = subject.store;
    await write(
      { number: 3, data: "é\r\n\u0000\n" },
      { number: 5, data: "open" },
      { number: 9, data: "" },
      { number: 12, data: " line\n\n" },
      { type: "serial", number: 1, data: "other\n" },
    );
    expect(await logs.extent("job", "output")).toEqual({ lines: 4, bytes: 17 });
    expect(await logs.extent("job", "output", 12)).toEqual({ lines: 2, bytes: 10 });
    expect(await logs.extent("job", "output", 5)).toEqual({ lines: 2, bytes: 6 });
    expect(await logs.extent("job", "output", 3)).toEqual({ lines: 0, bytes: 0 });
    expect(await logs.extent("unknown", "output")).toEqual({ lines: 0, bytes: 0 });
  });

  test("is told by phase in the order in which the phases began", async () => {
    await write(
      { number: 0, phase: "setup", data: "a\n" },
      { number: 1, phase: "test", data: "b\nc" },
      { number: 2, phase: "reserve", data: "d\n" },
      { number: 3, phase: "test", data: "e\n" },
      { number: 0, phase: "provision", type: "serial" },
    );
    expect(await subject.store.logs.phases("job", "output")).toEqual([
      { phase: "setup", from: 0, lines: 1, bytes: 2 },
      { phase: "test", from: 1, lines: 2, bytes: 5 },
      { phase: "reserve", from: 2, lines: 1, bytes: 2 },
    ]);
    expect(await subject.store.logs.phases("unknown", "output")).toEqual([]);
  });

  test("tells in which fragment a line begins", async () => {
    const { logs } = subject.store;
    await write({ number: 2, data: "0\n1\n2" }, { number: 4, data: " more" }, { number: 7, data: "\n3\n4\n" });
    const found = async (lines: number) => logs.afterLines("job", "output", lines);
    expect(await found(1)).toEqual({ number: 2, linesBefore: 0 });
    expect(await found(2)).toEqual({ number: 2, linesBefore: 0 });
    expect(await found(3)).toEqual({ number: 7, linesBefore: 2 });
    expect(await found(5)).toEqual({ number: 7, linesBefore: 2 });
    expect(await found(6)).toBeNull();
  });
});

contract("the last fragments of a log", (subject) => {
  test("are read without the ones before them, in ascending order", async () => {
    const { logs } = subject.store;
    for (let number = 0; number < 6; number++) await logs.append(fragment({ number }), START);
    const numbers = async (query: { limit?: number; before?: number; from?: number; keep?: "first" | "last" }) =>
      (await logs.read({ jobId: "job", type: "output", ...query })).map(({ number }) => number);
    expect(await numbers({ limit: 2, keep: "last" })).toEqual([4, 5]);
    expect(await numbers({ limit: 2, keep: "last", before: 4 })).toEqual([2, 3]);
    expect(await numbers({ limit: 2, keep: "first", before: 4 })).toEqual([0, 1]);
    expect(await numbers({ limit: 9, keep: "last", from: 3, before: 5 })).toEqual([3, 4]);
    expect(await numbers({ keep: "last" })).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
