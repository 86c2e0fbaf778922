import { describe, expect, test } from "bun:test";
import { Batches, type BatchesOptions } from "../../../../src/server/store/mongo/batches.ts";
import { StoreUnavailable } from "../../../../src/server/store/store.ts";

/** Batches that end when the test says so. */
function gathered(options: Partial<BatchesOptions<number, string>> = {}) {
  const begun: {
    numbers: readonly number[];
    answer: (answers?: (string | Error)[]) => void;
    fail: (e: Error) => void;
  }[] = [];
  let onBegin = () => {};
  const batches = new Batches<number, string>({
    run: (numbers) => {
      const { promise, resolve, reject } = Promise.withResolvers<(string | Error)[]>();
      begun.push({ numbers, answer: (answers = numbers.map(String)) => resolve(answers), fail: reject });
      onBegin();
      return promise;
    },
    patience: 60_000,
    ...options,
  });
  return {
    batches,
    begun,
    /** When so many batches have begun. */
    async beginning(count: number): Promise<void> {
      const { promise, resolve } = Promise.withResolvers<void>();
      onBegin = () => begun.length >= count && resolve();
      onBegin();
      await promise;
    },
    all: (...numbers: number[]) => numbers.map((number) => batches.do(number)),
  };
}

describe("requests of the database", () => {
  test("that come in one moment are one batch, and each gets its answer", async () => {
    const { begun, beginning, all } = gathered();
    const answers = all(1, 2, 3);
    await beginning(1);
    begun[0]!.answer();
    expect(await Promise.all(answers)).toEqual(["1", "2", "3"]);
    expect(begun.map(({ numbers }) => numbers)).toEqual([[1, 2, 3]]);
  });

  test("that come while batches are under way are done together when one of them has ended", async () => {
    const { begun, beginning, all } = gathered({ atOnce: 1 });
    const first = all(1);
    await beginning(1);
    const later = [...all(2), ...all(3)];
    begun[0]!.answer();
    await Promise.all(first);
    const latest = all(4);
    await beginning(2);
    begun[1]!.answer();
    expect(await Promise.all([...later, ...latest])).toEqual(["2", "3", "4"]);
    expect(begun.map(({ numbers }) => numbers)).toEqual([[1], [2, 3, 4]]);
  });

  test("are never answered from a batch that had begun before, so that they see what came before them", async () => {
    const { begun, beginning, all } = gathered();
    const [first] = all(1);
    await beginning(1);
    const [same] = all(1);
    await beginning(2);
    begun[0]!.answer(["old"]);
    begun[1]!.answer(["new"]);
    expect(await Promise.all([first, same])).toEqual(["old", "new"]);
  });

  test("are no more in one batch than allowed", async () => {
    const { begun, beginning, all } = gathered({ most: 2, atOnce: 3 });
    const answers = all(1, 2, 3, 4, 5);
    await beginning(3);
    for (const { answer } of begun) answer();
    await Promise.all(answers);
    expect(begun.map(({ numbers }) => numbers)).toEqual([[1, 2], [3, 4], [5]]);
  });

  test("fail alone when the error is theirs alone", async () => {
    const { begun, beginning, all } = gathered();
    const answers = all(1, 2, 3);
    await beginning(1);
    begun[0]!.answer(["1", new Error("two"), "3"]);
    const [one, two, three] = await Promise.allSettled(answers);
    expect([one, three]).toMatchObject([{ value: "1" }, { value: "3" }]);
    expect(two).toMatchObject({ reason: { message: "two" } });
  });

  test("fail together with their batch, and the next batch goes on", async () => {
    const { begun, beginning, all } = gathered({ atOnce: 1 });
    const answers = all(1, 2);
    await beginning(1);
    const [next] = all(3);
    begun[0]!.fail(new Error("gone"));
    expect((await Promise.allSettled(answers)).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    await beginning(2);
    begun[1]!.answer();
    expect(await next!).toBe("3");
  });

  test("wait for a batch that does not end no longer than anybody has patience for", async () => {
    const { begun, beginning, all } = gathered({ atOnce: 1, patience: 1 });
    const [stuck] = all(1);
    await expect(stuck!).rejects.toThrow(StoreUnavailable);
    const [next] = all(2);
    await beginning(2);
    begun[1]!.answer();
    expect(await next!).toBe("2");
  });

  test("that had to wait too long are given up, and never done behind the back of who asked", async () => {
    let now = 0;
    const { begun, beginning, all } = gathered({ atOnce: 1, patience: 1000, elapsed: () => now });
    const [first] = all(1);
    await beginning(1);
    const [old] = all(2);
    now = 999;
    const [young] = all(3);
    now = 1000;
    begun[0]!.answer();
    await first;
    await beginning(2);
    begun[1]!.answer();
    expect(await young!).toBe("3");
    await expect(old!).rejects.toThrow(StoreUnavailable);
    expect(begun[1]!.numbers).toEqual([3]);
  });

  test("may gather for a while where nobody is in a hurry", async () => {
    const { begun, beginning, all } = gathered({ gathering: 100 });
    const first = all(1);
    const second = new Promise<string>((resolve) => setImmediate(() => resolve(all(2)[0]!)));
    await beginning(1);
    begun[0]!.answer();
    expect(await Promise.all([...first, second])).toEqual(["1", "2"]);
    expect(begun).toHaveLength(1);
  });
});
