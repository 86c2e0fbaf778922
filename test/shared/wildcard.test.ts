import { describe, expect, test } from "bun:test";
import { matches } from "../../src/shared/text/wildcard.ts";

describe("a pattern for names of agents and queues", () => {
  test.each([
    ["rpi4-1", "rpi4-1", true],
    ["rpi4-1", "rpi4-10", false],
    ["rpi4-1", "RPI4-1", false],
    ["*", "", true],
    ["*", "any/thing\n", true],
    ["rpi*", "rpi", true],
    ["rpi*", "rpi4-1", true],
    ["rpi*", "xrpi4", false],
    ["*-lab", "a-lab", true],
    ["*-lab", "a-lab-2", false],
    ["a*b*c", "aXbYc", true],
    ["a*b*c", "abc", true],
    ["a*b*c", "acb", false],
    ["a*b*c", "abXbc", true],
    ["ab*ba", "aba", false],
    ["a**b", "ab", true],
    ["", "", true],
    ["", "a", false],
    ["a.c", "abc", false],
    ["(a+)+*$", "aaaa", false],
    ["[ab]", "a", false],
    ["\\*", "\\x", true],
  ])("%j fits %j: %p", (pattern, name, fits) => expect(matches(pattern, name)).toBe(fits));

  test("is not slow, whatever it is", () => {
    expect(matches(`${"a*".repeat(2000)}b`, "a".repeat(100_000))).toBe(false);
  });
});
