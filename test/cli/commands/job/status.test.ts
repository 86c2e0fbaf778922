import { describe, expect, test } from "bun:test";
import type { Script } from "../../support/scripted-server.ts";
import { json, text } from "../../support/scripted-server.ts";
import { runAgainst } from "./one-job.ts";

const JOB = "GET /v1/job/j";
const STATE = "GET /v1/job/j/state";
const RESULT = "GET /v1/result/j";
const definition = json({ job_id: "j", job_queue: "q1", name: "smoke", tags: ["a", "b"] });

const RESERVED: Script = {
  [JOB]: definition,
  [STATE]: json({
    job_id: "j",
    job_state: "reserve",
    phases: { provision: 0 },
    queue: "q1",
    position: null,
    agent: "agent-1",
    created_at: "2026-11-23T10:00:00.000Z",
    started_at: "2026-11-23T10:00:05.000Z",
    ended_at: null,
  }),
  [RESULT]: json({
    job_state: "reserve",
    device_info: { device_ip: "10.0.0.7" },
    reserve_output:
      "*** TESTFLINGER SYSTEM RESERVED ***\nYou can now connect to ubuntu@10.0.0.7\n" +
      "Current time:           [2026-11-23T10:10:00+00:00]\nReservation expires at: [2026-11-23T11:10:00+00:00]\n",
  }),
};

const status = (script: Script, ...words: string[]) => runAgainst(script, ["status", "j", ...words]);

describe("status", () => {
  test("costs one request at a server that has the light route", async () => {
    const { stdout, requests } = await status(RESERVED);
    expect(stdout).toBe("reserve\n");
    expect(requests).toEqual([STATE]);
  });

  test("shows everything about a reserved job in one call (W45)", async () => {
    const { exit, stdout } = await status(RESERVED, "--json");
    expect(exit).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      job_id: "j",
      job_state: "reserve",
      name: "smoke",
      queue: "q1",
      tags: ["a", "b"],
      position: null,
      agent: "agent-1",
      device_info: { device_ip: "10.0.0.7" },
      phases: { provision: 0 },
      created_at: "2026-11-23T10:00:00.000Z",
      started_at: "2026-11-23T10:00:05.000Z",
      ended_at: null,
      reservation_ends_at: "2026-11-23T11:10:00.000Z",
      connect_to: "ubuntu@10.0.0.7",
    });
  });

  test("reads no logs of a job that waits", async () => {
    const script: Script = { [JOB]: definition, [STATE]: json({ job_state: "waiting", position: 2 }) };
    const { stdout, requests } = await status(script, "--json");
    expect(JSON.parse(stdout)).toMatchObject({ job_state: "waiting", position: 2, device_info: null });
    expect(requests.toSorted()).toEqual([JOB, STATE]);
  });

  test("finds out what a reference server knows", async () => {
    const script: Script = {
      [JOB]: definition,
      [RESULT]: json({ job_state: "waiting", setup_status: 0 }),
      "GET /v1/job/j/position": text("3"),
    };
    const { stdout } = await status(script, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      job_state: "waiting",
      queue: "q1",
      position: 3,
      phases: { setup: 0 },
      agent: null,
      created_at: null,
    });
  });

  test("lists what is known for people", async () => {
    const { stdout } = await status(RESERVED, "--output", "table");
    expect(stdout).toBe(
      "Job:            j\nName:           smoke\nState:          reserve\nQueue:          q1\nTags:           a, b\n" +
        'Agent:          agent-1\nDevice:         {"device_ip": "10.0.0.7"}\nConnect to:     ubuntu@10.0.0.7\n' +
        "Reserved until: 2026-11-23T11:10:00.000Z\nExit codes:     provision 0\n" +
        "Submitted:      2026-11-23T10:00:00.000Z\nStarted:        2026-11-23T10:00:05.000Z\n",
    );
  });

  test("prints YAML", async () => {
    const { stdout } = await status(RESERVED, "--output", "yaml");
    expect(stdout).toStartWith("agent: agent-1\nconnect_to: ubuntu@10.0.0.7\n");
  });

  test.each([
    [text("", 204), "No data found for that job id. Check the job id to be sure it is correct.\n"],
    [text("Invalid job id\n", 400), "Invalid job id specified. Check the job id to be sure it is correct.\n"],
    [json({ message: "broken" }, 500), "broken\n"],
  ])("fails with a reason, in JSON too", async (answer, message) => {
    const { exit, stdout, stderr } = await status({ [JOB]: answer, [RESULT]: answer }, "--json");
    expect({ exit, stdout, stderr }).toEqual({ exit: 1, stdout: "", stderr: message });
  });
});
