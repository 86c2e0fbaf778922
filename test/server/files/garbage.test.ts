import { expect, test } from "bun:test";
import { COLLECTION_INTERVAL, collectingGarbage } from "../../../src/server/files/garbage.ts";

test("Garbage is collected as a large file passes, and not for a small one", async () => {
  const piece = new Uint8Array(COLLECTION_INTERVAL / 4);
  const collectedFor = async (pieces: number) => {
    let [passed, collections] = [0, 0];
    const file = (async function* () {
      for (let i = 0; i < pieces; i++) yield piece;
    })();
    for await (const { length } of collectingGarbage(file, () => collections++)) passed += length;
    expect(passed).toBe(pieces * piece.length);
    return collections;
  };
  expect(await collectedFor(3)).toBe(0);
  expect(await collectedFor(9)).toBe(2);
});
