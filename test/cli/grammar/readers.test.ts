import { describe, expect, test } from "bun:test";
import { duration } from "../../../src/cli/grammar/duration.ts";
import { regex } from "../../../src/cli/grammar/regex.ts";
import { timestamp } from "../../../src/cli/grammar/timestamp.ts";

describe("timestamps", () => {
  test.each([
    ["2026-11-23", "2026-11-23T00:00:00"],
    ["2026-11-23T10", "2026-11-23T10:00:00"],
    ["2026-11-23 10:20", "2026-11-23T10:20:00"],
    ["2026-11-23_10:20:30", "2026-11-23T10:20:30"],
    ["2026-11-23T10:20:30.5", "2026-11-23T10:20:30.500000"],
    ["2026-11-23T10:20:30.500", "2026-11-23T10:20:30.500000"],
    ["2026-11-23T10:20:30.123456", "2026-11-23T10:20:30.123456"],
    ["2026-11-23T10:20:30.000", "2026-11-23T10:20:30"],
    ["2026-11-23T10:20:30Z", "2026-11-23T10:20:30+00:00"],
    ["2026-11-23T10:20:30+02:00", "2026-11-23T10:20:30+02:00"],
    ["2026-11-23T10:20:30-0530", "2026-11-23T10:20:30-05:30"],
    ["2024-02-29", "2024-02-29T00:00:00"],
  ])("%s is sent as %s", (text, sent) => expect(timestamp(text)).toBe(sent));

  test.each([
    "yesterday",
    "",
    "2026-02-30",
    "2026-13-01",
    "2026-11-23T25:00",
    "2026-11-23T10:60",
    "2026-11-23Z",
    "20-11-23",
  ])("%p is none", (text) => expect(() => timestamp(text)).toThrow(`invalid fromisoformat value: '${text}'`));
});

describe("regular expressions in Python's syntax", () => {
  test.each([
    ["(?i)B", "b2"],
    ["(?P<letter>a)(?P=letter)", "aa"],
    ["\\Ab\\d\\Z", "b2"],
    ["^x86$", "x86"],
    ["", "anything"],
  ])("%s finds %s", (pattern, text) => expect(regex(pattern).test(text)).toBeTrue());

  test("case matters", () => expect(regex("B").test("b2")).toBeFalse());

  test.each(["(", "[", "*", "a)"])("%s is none", (text) =>
    expect(() => regex(text)).toThrow(`Invalid regex '${text}'`),
  );
});

describe("durations", () => {
  test.each<[string, number]>([
    ["3600", 3600],
    ["2h30m", 9000],
    ["1 day", 86400],
    ["0", 0],
  ])("%s is %d seconds", (text, seconds) => expect(duration(text)).toBe(seconds));

  test.each(["", "soon", "-5", "2x"])("%p is none", (text) => {
    expect(() => duration(text)).toThrow(`invalid int value: '${text}'`);
  });
});
