import { expect, test } from "bun:test";
import { inParallel } from "../../src/cli/parallel.ts";

test("as many items as allowed are under way at the same time, and the results keep the order of the items", async () => {
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const begun: number[] = [];
  const results = inParallel([0, 1, 2, 3, 4], 2, async (item) => {
    begun.push(item);
    await gates[item]!.promise;
    return item * 10;
  });
  expect(begun).toEqual([0, 1]);
  for (const gate of gates.toReversed()) gate.resolve();
  expect(await results).toEqual([0, 10, 20, 30, 40]);
});

test("no further item is begun once one has failed", async () => {
  const begun: number[] = [];
  const other = Promise.withResolvers<void>();
  const results = inParallel([0, 1, 2, 3], 2, async (item) => {
    begun.push(item);
    if (item === 0) throw new Error("no");
    await other.promise;
  });
  expect(results).rejects.toThrow("no");
  await results.catch(() => other.resolve());
  expect(begun).toEqual([0, 1]);
});

test("nothing to do is done at once", async () => {
  expect(await inParallel([], 4, async () => 1)).toEqual([]);
});
