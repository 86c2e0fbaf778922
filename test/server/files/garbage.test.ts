import { expect, test } from "bun:test";
import { COLLECTION_INTERVAL, garbageCollection } from "../../../src/server/files/garbage.ts";

test.each([
  [3, 0],
  [4, 1],
  [9, 2],
])("Of %d quarters of an interval that pass, garbage is collected %d times", (quarters, wanted) => {
  let collections = 0;
  const passes = garbageCollection(() => collections++);
  for (let i = 0; i < quarters; i++) passes(new Uint8Array(COLLECTION_INTERVAL / 4));
  expect(collections).toBe(wanted);
});
