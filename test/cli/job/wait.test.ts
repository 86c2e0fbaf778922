import { describe, expect, test } from "bun:test";
import { ConnectionFailure, HttpError } from "../../../src/cli/api/errors.ts";
import { CliError } from "../../../src/cli/errors.ts";
import { type AwaitedState, TIME_IS_UP, waitForState } from "../../../src/cli/job/wait.ts";
import { createLog } from "../../../src/cli/log.ts";
import type { Progress } from "../../../src/cli/poll/events.ts";
import { inState, ScriptedJob } from "../poll/scripted-job.ts";
import { World } from "../support/world.ts";

async function wait(progress: (Progress | Error)[], state: AwaitedState = "complete", timeoutSeconds?: number) {
  using world = new World();
  const { clock } = world;
  const job = new ScriptedJob({ progress }, clock.elapsed);
  const seen: string[] = [];
  const waiting = waitForState({
    job,
    state,
    timeoutSeconds,
    clock,
    random: world.context.random,
    log: createLog(world.context),
    onProgress: async (one) => void seen.push(one.state),
  });
  const outcome = await clock.run(waiting).catch((error: unknown) => error);
  return { outcome, seen, seconds: clock.elapsed() / 1000, stderr: world.stderr };
}

describe("waiting for a state", () => {
  test.each<[AwaitedState, Progress]>([
    ["complete", inState("complete")],
    ["complete", inState("completed")],
    ["cancelled", inState("cancelled")],
    ["provision", inState("provision")],
    ["provision", inState("test", { exitCodes: { provision: 0 } })],
    ["provision", inState("complete", { exitCodes: { provision: 1 } })],
    ["allocated", inState("allocated")],
    ["allocated", inState("reserve", { exitCodes: { allocate: 0 } })],
  ])("%s is reached by %j", async (state, progress) => {
    expect(await wait([progress], state)).toMatchObject({ outcome: progress, seconds: 0 });
  });

  test("goes on until it is reached, ever more slowly", async () => {
    const states = ["waiting", "setup", "provision", "test"].map((state) => inState(state));
    const { outcome, seen, seconds } = await wait(states, "test");
    expect(outcome).toEqual(inState("test"));
    expect(seen).toEqual(["waiting", "setup", "provision", "test"]);
    expect(seconds).toBeCloseTo(1 + 1.5 + 2.25);
  });

  test.each<[AwaitedState, string]>([
    ["complete", "cancelled"],
    ["cancelled", "complete"],
    ["reserve", "complete"],
    ["allocated", "cancelled"],
  ])("%s fails with status 1 when the job ends as %s", async (state, end) => {
    const { outcome } = await wait([inState("test"), inState(end)], state);
    expect(outcome).toEqual(new CliError(`The job ended as ${end}, without ${state}.`));
  });

  test("ends with a status of its own when the time is up", async () => {
    const { outcome, seconds } = await wait([inState("waiting")], "reserve", 60);
    expect(outcome).toMatchObject({ exitCode: TIME_IS_UP });
    expect(seconds).toBe(60);
  });

  test("ends in time although no server answers", async () => {
    const { outcome, seconds } = await wait([new ConnectionFailure("refused", "connection")], "complete", 50);
    expect(outcome).toMatchObject({ exitCode: TIME_IS_UP });
    expect(seconds).toBe(50);
  });

  test("looks once with no time at all", async () => {
    expect(await wait([inState("complete")], "complete", 0)).toMatchObject({ outcome: inState("complete") });
  });

  test("waits out a server that is down for a while, and says so once", async () => {
    const down = new HttpError(502, "bad gateway", "");
    const { outcome, stderr } = await wait([down, down, down, inState("complete")]);
    expect(outcome).toEqual(inState("complete"));
    expect(stderr.match(/bad gateway/g)).toHaveLength(1);
  });

  test.each([204, 400, 401, 403])("gives up at once when the answer is %d", async (status) => {
    const { outcome, seconds } = await wait([new HttpError(status, "no", "no")]);
    expect(outcome).toMatchObject({ status });
    expect(seconds).toBe(0);
  });
});
