import { expect, test } from "bun:test";
import fc from "fast-check";
import { randomText } from "../../../src/server/tokens/random.ts";

/** ASVS 5.0 controls 7.2.3 and 11.5.1: refresh tokens are 48 of these letters, 285 bits. */
test("a random text has the length asked for, of letters and digits", () => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  fc.assert(
    fc.property(fc.nat(100), (length) => {
      expect(randomText(length, random)).toMatch(new RegExp(`^[A-Za-z0-9]{${length}}$`));
    }),
  );
});

test("no letter is more likely than another: of all bytes each stands for as many", () => {
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
  const text = randomText(248, (length) => all.subarray(0, length === 248 ? 256 : length));
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  expect([...counts.values()]).toEqual(Array.from({ length: 62 }, () => 4));
});
