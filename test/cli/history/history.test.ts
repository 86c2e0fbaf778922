import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { JobHistory } from "../../../src/cli/history/history.ts";
import { createLog } from "../../../src/cli/log.ts";
import { World } from "../support/world.ts";

let world: World;
let path: string;
let history: JobHistory;
beforeEach(() => {
  world = new World();
  path = join(world.home, ".config/testflinger-cli-history.json");
  history = new JobHistory(path, world.clock, createLog(world.context));
});
afterEach(() => world[Symbol.dispose]());

function given(text: string) {
  mkdirSync(join(world.home, ".config"), { recursive: true });
  writeFileSync(path, text);
}

const written = () => readFileSync(path, "utf8");
const entry = (queue: string, state = "unknown") =>
  `{"queue": "${queue}", "submission_time": 1700000000.5, "job_state": "${state}"}`;

describe("JobHistory", () => {
  test("is empty without a file", async () => {
    expect(await history.jobs()).toEqual([]);
    expect(world.stderr).toBe("");
  });

  test("lists jobs in the order of the file", async () => {
    given(`{"b": ${entry("q1", "complete")}, "1": ${entry("q2")}}`);
    const submittedAt = new Date(1700000000500);
    expect(await history.jobs()).toEqual([
      { id: "b", queue: "q1", submittedAt, state: "complete" },
      { id: "1", queue: "q2", submittedAt, state: "unknown" },
    ]);
  });

  test("appends a job in the form of the reference, for the owner only", async () => {
    await history.add("id-1", "q1", 10);
    const seconds = Date.parse("2026-11-23T10:00:00Z") / 1000;
    expect(written()).toBe(`{"id-1": {"queue": "q1", "submission_time": ${seconds}, "job_state": "unknown"}}`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("keeps the last ten jobs", async () => {
    given(`{${Array.from({ length: 10 }, (_, i) => `"job-${i}": ${entry("q")}`).join(", ")}}`);
    await history.add("new", "q", 10);
    expect((await history.jobs()).map(({ id }) => id)).toEqual([
      ...Array.from({ length: 9 }, (_, i) => `job-${i + 1}`),
      "new",
    ]);
  });

  test.each([
    [0, []],
    [1, ["new"]],
    [3, ["job-8", "job-9", "new"]],
    [20, [...Array.from({ length: 10 }, (_, i) => `job-${i}`), "new"]],
  ])("keeps the last %d jobs where that is wanted", async (length, kept) => {
    given(`{${Array.from({ length: 10 }, (_, i) => `"job-${i}": ${entry("q")}`).join(", ")}}`);
    await history.add("new", "q", length);
    expect((await history.jobs()).map(({ id }) => id)).toEqual(kept);
  });

  test("makes no file, and takes no lock, for a look at a job of somebody else", async () => {
    await history.setState("unknown-here", "test");
    expect(existsSync(join(world.home, ".config"))).toBeFalse();
    given(`{"a": ${entry("q", "test")}}`);
    await history.setState("a", "test");
    expect(existsSync(`${path}.lock`)).toBeFalse();
  });

  test("moves a job that is submitted again to the end", async () => {
    given(`{"a": ${entry("q")}, "b": ${entry("q")}}`);
    await history.add("a", "other", 10);
    expect((await history.jobs()).map(({ id, queue }) => [id, queue])).toEqual([
      ["b", "q"],
      ["a", "other"],
    ]);
  });

  test("notes states of known jobs only, and keeps everything else as it was written", async () => {
    given(`{"a": {"queue": "q", "submission_time": 1.0, "job_state": "test", "extra": [1.0, 10000000000000000000]}}`);
    await history.setStates([
      ["a", "complete"],
      ["stranger", "test"],
    ]);
    expect(written()).toBe(
      `{"a": {"queue": "q", "submission_time": 1.0, "job_state": "complete", "extra": [1.0, 10000000000000000000]}}`,
    );
  });

  test("does not write when no state has changed", async () => {
    const text = `{"a":${entry("q", "test")}}`;
    given(text);
    await history.setState("a", "test");
    expect(written()).toBe(text);
  });

  test("loses no job to others who submit at the same time (W33)", async () => {
    // Time stands still, so that nobody gives up waiting for the lock.
    const clock = { ...world.clock, sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
    const [one, another] = [1, 2].map(() => new JobHistory(path, clock, createLog(world.context))) as [
      JobHistory,
      JobHistory,
    ];
    await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? one : another).add(`job-${i}`, "q", 10)));
    expect((await history.jobs()).map(({ id }) => id).sort()).toEqual(Array.from({ length: 8 }, (_, i) => `job-${i}`));
  });

  test.each(["{broken", '["x"]', '"x"', "[1]", "7", "null"])(
    "reports the content %s and goes on without it",
    async (text) => {
      given(text);
      expect(await history.jobs()).toEqual([]);
      expect(world.stderr).toMatch(/^ERROR: .* -- Cannot read the job history .*going on without it: .+\n$/);
      await history.add("new", "q", 10);
      expect((await history.jobs()).map(({ id }) => id)).toEqual(["new"]);
    },
  );

  test("takes an empty list for an empty history", async () => {
    given("[]");
    expect(await history.jobs()).toEqual([]);
    expect(world.stderr).toBe("");
  });

  test("shows what is known of an entry that lacks its fields", async () => {
    given(`{"a": {"job_state": 7}, "b": 1, "c": {"submission_time": 1e300}}`);
    const unknown = { queue: "unknown", submittedAt: undefined, state: "unknown" };
    expect(await history.jobs()).toEqual([
      { id: "a", ...unknown },
      { id: "c", ...unknown },
    ]);
  });

  test("is a convenience: when it cannot be written, the command goes on (W37)", async () => {
    writeFileSync(join(world.home, ".config"), "a file");
    await history.add("id-1", "q1", 10);
    expect(world.stderr).toMatch(/^WARNING: .* -- Cannot update the job history \S+: .+\n$/);
    expect(await history.jobs()).toEqual([]);
  });
});
