import { describe, expect, test } from "bun:test";
import { parseDuration } from "../../src/shared/text/duration.ts";

describe("durations of server-api section 4.4", () => {
  test.each<[unknown, number]>([
    [0, 0],
    [3600, 3600],
    [true, 1],
    ["90", 90],
    ["+5", 5],
    ["1_000", 1000],
    ["2h30m", 9000],
    ["1 day 6 hours", 108_000],
    [" 5 MIN ", 300],
    ["1h1h", 7200],
    ["30s", 30],
    ["10secs", 10],
    ["1d", 86_400],
  ])("%p is %p seconds", (given, wanted) => expect(parseDuration(given)).toBe(wanted));

  test.each<[unknown, string]>([
    ["", "Duration cannot be empty"],
    ["-5", "Duration cannot be negative"],
    [-5, "Duration cannot be negative"],
    ["1.5h", "Invalid duration format: '1.5h'"],
    ["5w", "Invalid duration format: '5w'"],
    ["5h,", "Invalid duration format: '5h,'"],
    ["5 5m", "Invalid duration format: '5 5m'"],
    [1.5, "Duration must be string or int, got <class 'float'>"],
    [[], "Duration must be string or int, got <class 'list'>"],
    [{}, "Duration must be string or int, got <class 'dict'>"],
    [" ".repeat(1001), "Duration is longer than 1000 characters"],
    ["99999999999999999d", "Duration is too long: '99999999999999999d'"],
  ])("%p is refused", (given, wanted) => expect(() => parseDuration(given)).toThrow(wanted));
});
