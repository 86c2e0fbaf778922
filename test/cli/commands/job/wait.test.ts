import { describe, expect, test } from "bun:test";
import type { Script } from "../../support/scripted-server.ts";
import { json, text } from "../../support/scripted-server.ts";
import { runAgainst } from "./one-job.ts";

const STATE = "GET /v1/job/j/state";
const RESULT = "GET /v1/result/j";
const inState = (job_state: string, phases = {}) => json({ job_state, phases });

const wait = (script: Script, ...words: string[]) => runAgainst(script, ["wait", "j", ...words]);

describe("wait", () => {
  test("prints the state that it waited for", async () => {
    const { exit, stdout, stderr, requests } = await wait({ [STATE]: [inState("waiting"), inState("complete")] });
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "complete\n", stderr: "" });
    expect(requests).toEqual([STATE, STATE]);
  });

  test("asks a reference server in its own way, having found out once", async () => {
    const { exit, requests } = await wait(
      {
        [RESULT]: [json({ job_state: "setup" }), json({ job_state: "test" })],
      },
      "--for",
      "test",
    );
    expect(exit).toBe(0);
    expect(requests).toEqual([STATE, RESULT, RESULT]);
  });

  test.each<[string[], string, Record<string, number>, number]>([
    [["--exit-status"], "complete", { test: 3 }, 3],
    [["--exit-status"], "complete", { test: 0 }, 0],
    [[], "complete", { test: 3 }, 0],
    [[], "cancelled", {}, 1],
    [["--timeout", "1m"], "test", {}, 124],
    [["--for", "test", "--exit-status"], "test", {}, 2],
    [["--for", "nonsense"], "test", {}, 2],
  ])("%j ends for a job in %s with the phases %j: %d", async (words, state, phases, exit) => {
    expect(await wait({ [STATE]: inState(state, phases) }, ...words)).toMatchObject({ exit });
  });

  test("names an unknown job", async () => {
    expect(await wait({ [STATE]: text("", 204) })).toMatchObject({
      exit: 1,
      stderr: "No data found for that job id. Check the job id to be sure it is correct.\n",
    });
  });
});
