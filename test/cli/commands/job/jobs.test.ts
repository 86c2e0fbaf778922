import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../../src/cli/program.ts";
import { json, type Script, ScriptedServer, text } from "../../support/scripted-server.ts";
import { World } from "../../support/world.ts";

const HEADER = "Job ID                                         Submission Time  Queue\n";
const STATUS_HEADER = "Job ID                               Status    Submission Time  Queue\n";
const RULE = `${"-".repeat(79)}\n`;
const [A, B, C] = ["2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11", "7c9e6679-7425-40de-944b-e07fc1f90ae7", "short"] as const;

let world: World;
beforeEach(() => {
  world = new World();
  mkdirSync(join(world.home, ".config"));
});
afterEach(() => world[Symbol.dispose]());

const path = () => join(world.home, ".config/testflinger-cli-history.json");
const remember = (jobs: Record<string, unknown>) => writeFileSync(path(), JSON.stringify(jobs));
const states = () =>
  Object.values(JSON.parse(readFileSync(path(), "utf8")) as Record<string, { job_state: string }>).map(
    ({ job_state: state }) => state,
  );

function threeJobs() {
  remember({
    [A]: { queue: "q1", submission_time: 1700000000.5, job_state: "complete" },
    [B]: { queue: "a-queue", submission_time: 1709251199.99, job_state: "waiting" },
    [C]: { queue: "q3", submission_time: 1735689600, job_state: "firmware_update" },
  });
}

/** Runs `testflinger jobs …` against a server. */
async function jobs(script: Script, ...words: string[]) {
  using server = new ScriptedServer(script);
  const env = { ...world.context.env, TESTFLINGER_SERVER: server.url };
  const status = await main(["jobs", ...words], "testflinger", { ...world.context, env });
  return { status, results: server.requests.filter((request) => request.startsWith("GET /v1/result/")) };
}

describe("jobs", () => {
  test("prints the header without a history, and asks nobody", async () => {
    expect(await jobs({}, "--status")).toEqual({ status: 0, results: [] });
    expect(world.stdout).toBe(STATUS_HEADER + RULE);
  });

  test("lists the jobs, oldest first, with times in UTC", async () => {
    threeJobs();
    expect(await jobs({})).toEqual({ status: 0, results: [] });
    expect(world.stdout).toBe(
      `${HEADER}${RULE}${A}           Tue Nov 14 22:13 q1\n${B}           Thu Feb 29 23:59 a-queue\n` +
        `${C.padEnd(36)}           Wed Jan 01 00:00 q3\n`,
    );
  });

  test("shows an entry whose time was damaged", async () => {
    remember({ [A]: { queue: "q1", job_state: "test" } });
    expect((await jobs({})).status).toBe(0);
    expect(world.stdout).toEndWith(`${A}           unknown          q1\n`);
  });

  test("lets no text of the history control the terminal", async () => {
    remember({ [A]: { queue: "q\u001b[2J\nx", submission_time: 1, job_state: "test" } });
    await jobs({});
    expect(world.stdout).toEndWith(" q[2J x\n");
  });

  test("prints only ids with -1, and everything with --json", async () => {
    threeJobs();
    await jobs({}, "-1");
    expect(world.stdout).toBe(`${A}\n${B}\n${C}\n`);
    await jobs({}, "--json");
    expect(JSON.parse(world.stdout.slice(world.stdout.indexOf("[")))).toContainEqual({
      job_id: B,
      queue: "a-queue",
      submission_time: "2024-02-29T23:59:59.990Z",
      job_state: "waiting",
    });
  });
});

test.each([
  ["the environment", { TESTFLINGER_HISTORY_LENGTH: "2" }, undefined],
  ["the configuration file", {}, "[testflinger-cli]\nhistory_length = 2\n"],
])("as many jobs are remembered as %s says", async (_, env, file) => {
  threeJobs();
  if (file) writeFileSync(join(world.home, ".config/testflinger-cli.conf"), file);
  using server = new ScriptedServer({
    "GET /v1/queues/q/agents": json([{ name: "a", state: "waiting" }]),
    "POST /v1/job": json({ job_id: "new" }),
  });
  writeFileSync(join(world.home, "job.yaml"), "job_queue: q\n");
  const context = { ...world.context, env: { ...world.context.env, TESTFLINGER_SERVER: server.url, ...env } };
  expect(await main(["submit", "job.yaml"], "testflinger", context)).toBe(0);
  expect(Object.keys(JSON.parse(readFileSync(path(), "utf8")))).toEqual([C, "new"]);
});

describe("jobs --status", () => {
  test("asks for the states of jobs that have not ended, and remembers them", async () => {
    threeJobs();
    const answers = {
      [`GET /v1/result/${B}`]: json({ job_state: "provision" }),
      [`GET /v1/result/${C}`]: json({ job_state: "cancelled" }),
    };
    const { status, results } = await jobs(answers, "-s");
    expect(status).toBe(0);
    expect(results.sort()).toEqual([`GET /v1/result/${B}`, `GET /v1/result/${C}`]);
    expect(world.stdout).toBe(
      `${STATUS_HEADER}${RULE}${A} complete  Tue Nov 14 22:13 q1\n${B} provision Thu Feb 29 23:59 a-queue\n` +
        `${C.padEnd(36)} cancelled Wed Jan 01 00:00 q3\n`,
    );
    expect(states()).toEqual(["complete", "provision", "cancelled"]);
  });

  test("prefers the route that does not send the logs", async () => {
    threeJobs();
    const answers = {
      [`GET /v1/job/${B}/state`]: json({ job_state: "test" }),
      [`GET /v1/job/${C}/state`]: json({ job_state: "test" }),
    };
    expect((await jobs(answers, "-s")).results).toEqual([]);
    expect(states()).toEqual(["complete", "test", "test"]);
  });

  test("shows failures as unknown, and remembers only those that are no answer about the job", async () => {
    threeJobs();
    const answers = { [`GET /v1/result/${B}`]: json({ message: "x" }, 500), [`GET /v1/result/${C}`]: text("", 204) };
    expect((await jobs(answers, "-s")).status).toBe(0);
    expect(world.stdout).toMatch(/ unknown {3}Thu .*\n.* unknown {3}Wed /);
    expect(states()).toEqual(["complete", "unknown", "firmware_update"]);
  });

  test("shows all rows outside the VPN, and says why their states are missing (W53)", async () => {
    threeJobs();
    const page = text("<html>Forbidden</html>", 403);
    expect((await jobs({ [`GET /v1/result/${B}`]: page, [`GET /v1/result/${C}`]: page }, "-s")).status).toBe(0);
    expect(world.stdout.match(/ unknown /g)).toHaveLength(2);
    expect(world.stderr.match(/requires a VPN connection/g)).toHaveLength(1);
  });

  test("asks a dead server a few times only", async () => {
    remember(
      Object.fromEntries(
        Array.from({ length: 10 }, (_, i) => [`job-${i}`, { queue: "q", submission_time: 1, job_state: "test" }]),
      ),
    );
    const asked: string[] = [];
    const refusing: World["context"]["fetch"] = async (input) => {
      asked.push(String(input));
      throw Object.assign(new TypeError("refused"), { code: "ECONNREFUSED" });
    };
    const env = { ...world.context.env, TESTFLINGER_SERVER: "http://127.0.0.1:1" };
    const context = { ...world.context, env, fetch: refusing };
    expect(await world.clock.run(main(["jobs", "-s"], "testflinger", context))).toBe(0);
    expect(asked.length).toBeLessThanOrEqual(4);
    expect(world.stdout.match(/ unknown /g)).toHaveLength(10);
  });
});
