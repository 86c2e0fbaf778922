import { describe, expect, test } from "bun:test";
import { describeError, jsonLogger } from "../../../src/server/log/logger.ts";

describe("a log line", () => {
  const logged = (log: (logger: ReturnType<typeof jsonLogger>) => void): string[] => {
    const lines: string[] = [];
    log(
      jsonLogger(
        (line) => lines.push(line),
        () => new Date("2026-11-24T10:20:30Z"),
      ),
    );
    return lines;
  };

  test.each(["info", "warn", "error"] as const)("of %s has time, level and message in front", (level) =>
    expect(logged((log) => log[level]("something happened", { job_id: "j" }))).toEqual([
      `{"time":"2026-11-24T10:20:30.000Z","level":"${level === "warn" ? "warning" : level}","message":"something happened","job_id":"j"}`,
    ]),
  );

  /** ASVS 5.0 control 16.4.1. */
  test("cannot be forged by what it tells", () => {
    const lines = logged((log) => log.warn("no such agent", { agent: 'x\n{"level":"info"}\r' }));
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toMatch(/[\r\n]/);
  });
});

describe("what is said of an error", () => {
  test("is its class, text, place and cause, and nothing else that it carries", () => {
    const error = new TypeError("broken", { cause: new Error("deeper") });
    expect(describeError(Object.assign(error, { password: "hunter2" }))).toEqual({
      error: "TypeError",
      reason: "broken",
      stack: expect.stringContaining("TypeError: broken"),
      cause: "Error: deeper",
    });
  });

  test("is its text when it is none", () =>
    expect(describeError("just a word")).toEqual({ error: "unknown", reason: "just a word" }));
});
