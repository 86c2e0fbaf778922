import { expect, test } from "bun:test";
import { nearestName } from "../../../src/cli/grammar/nearest-name.ts";

const NAMES = ["status", "submit", "search", "poll", "poll-serial", "jobs"];

test.each([
  ["sbmit", "submit"],
  ["submti", "submit"],
  ["statuss", "status"],
  ["pol", "poll"],
  ["job", "jobs"],
  ["submit", "submit"],
  ["tests", undefined],
  ["nope", undefined],
  ["x", undefined],
  ["", undefined],
])("what was meant by %j is %j", (written, meant) => expect(nearestName(written, NAMES)).toBe(meant));

test("nothing is near where there is nothing", () => expect(nearestName("a", [])).toBeUndefined());
