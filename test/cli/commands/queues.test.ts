import { describe, expect, test } from "bun:test";
import { json, type Script, text } from "../support/scripted-server.ts";
import { runAgainst } from "./job/one-job.ts";

const SCRIPT: Script = {
  "GET /v1/agents/queues": json({ unserved: "waits for a lab", arm: "boards" }),
  "GET /v1/agents/data": json([
    { name: "b", state: "waiting", queues: ["arm", "own-b"] },
    { name: "a", state: "test", queues: ["arm"] },
    { name: "without", queues: null },
  ]),
  "GET /v1/queues/wait_times": json({ arm: { 50: 3725.4 }, gone: { 50: 1 } }),
};

test("list-queues --all shows every queue that is advertised or served (W44)", async () => {
  const { exit, stdout, stderr } = await runAgainst(SCRIPT, ["list-queues", "--all"]);
  expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
  expect(stdout).toBe(
    "QUEUE     AGENTS  AVAILABLE  MEDIAN WAIT  DESCRIPTION\n" +
      "arm       2       1          01:02:05     boards\n" +
      "own-b     1       1          -            -\n" +
      "unserved  0       0          -            waits for a lab\n",
  );
});

test("list-queues --all tells programs the agents and the seconds", async () => {
  const { stdout } = await runAgainst(SCRIPT, ["list-queues", "--all", "--json"]);
  expect(JSON.parse(stdout)[0]).toEqual({
    queue: "arm",
    description: "boards",
    agents: ["a", "b"],
    available: 1,
    median_wait: 3725.4,
  });
});

test("a server that cannot tell waiting times tells the queues all the same", async () => {
  const script = { ...SCRIPT, "GET /v1/queues/wait_times": text("no", 500) };
  const { exit, stdout } = await runAgainst(script, ["list-queues", "--all"]);
  expect(exit).toBe(0);
  expect(stdout).toContain("arm       2       1          -            boards");
});

test("a server that cannot tell its agents fails the command", async () => {
  const script = { ...SCRIPT, "GET /v1/agents/data": json({ message: "no" }, 500) };
  expect(await runAgainst(script, ["list-queues", "--all"])).toMatchObject({ exit: 1, stdout: "", stderr: "no\n" });
});

describe("queue-status --counts", () => {
  const script: Script = {
    "GET /v1/queues/q/agents": json([{ state: "maintenance" }, { state: "waiting" }, { state: "waiting" }, {}]),
    "GET /v1/queues/q/jobs": json([{ job_state: "test" }, { job_state: "cancelled" }, { job_state: "test" }]),
  };

  test("counts every state by itself (W46)", async () => {
    const { exit, stdout } = await runAgainst(script, ["queue-status", "q", "--counts", "--json"]);
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      queue: "q",
      agents_by_state: { maintenance: 1, unknown: 1, waiting: 2 },
      jobs_by_state: { cancelled: 1, test: 2 },
    });
  });

  test("shows people a table", async () => {
    const { stdout } = await runAgainst(script, ["queue-status", "q", "--counts"]);
    expect(stdout).toBe(
      "        STATE        COUNT\n" +
        "agents  maintenance  1\n" +
        "agents  unknown      1\n" +
        "agents  waiting      2\n" +
        "jobs    cancelled    1\n" +
        "jobs    test         2\n",
    );
  });
});
