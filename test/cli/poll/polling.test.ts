import { describe, expect, test } from "bun:test";
import { ConnectionFailure, HttpError, UnexpectedAnswer, VpnError } from "../../../src/cli/api/errors.ts";
import { AuthenticationError } from "../../../src/cli/auth/errors.ts";
import { pollEvents } from "../../../src/cli/poll/polling.ts";
import { collect, type FollowOptions, followingScene, inState, nothingNew, output } from "./scripted-job.ts";

function poll(answers: Parameters<typeof followingScene>[0], options: FollowOptions = {}) {
  const { world, job, following } = followingScene(answers, options);
  return { world, job, events: world.clock.run(collect(pollEvents(following, options.known))) };
}

describe("polling", () => {
  test("of a finished job asks once for the log and nothing else", async () => {
    const known = inState("complete");
    const { job, events } = poll({ log: [output("all of it\n", 7)] }, { known });
    expect(await events).toEqual([
      { kind: "output", text: "all of it\n", next: 8 },
      { kind: "state", state: "complete" },
    ]);
    expect(job.asked).toEqual(["0s log 0"]);
  });

  test("goes on behind the last fragment, quickly while output flows, and asks for the state every ten seconds", async () => {
    const { job, events } = poll({
      progress: [inState("test"), inState("complete")],
      log: [output("a", 0), output("b", 1), nothingNew, nothingNew, nothingNew, nothingNew, output("c", 2)],
    });
    expect((await events).filter(({ kind }) => kind === "output")).toHaveLength(3);
    expect(job.asked).toEqual([
      "0s state",
      "0s log 0",
      "1s log 1",
      "2s log 2",
      "4s log 2",
      "6s log 2",
      "9s log 2",
      "14s state",
      "14s log 2",
    ]);
  });

  test("shows the log that was read behind a final state before it ends", async () => {
    const { events } = poll({ progress: [inState("complete")], log: [output("last words", 3)] });
    expect((await events).map(({ kind }) => kind)).toEqual(["output", "state"]);
  });

  test("asks for the state at once when the log shows a later phase", async () => {
    const { job, events } = poll({
      progress: [inState("setup"), inState("complete")],
      log: [output("a", 0, "provision"), nothingNew],
    });
    await events;
    expect(job.asked).toEqual(["0s state", "0s log 0", "1s state", "1s log 1"]);
  });

  test("tells the place of a waiting job in its queue until the job is taken", async () => {
    const { events } = poll({
      progress: [inState("waiting"), inState("waiting"), inState("waiting"), inState("cancelled")],
      log: [nothingNew],
      position: [2, 0, null],
    });
    expect((await events).filter(({ kind }) => kind === "position")).toEqual([
      { kind: "position", ahead: 2 },
      { kind: "position", ahead: 0 },
    ]);
  });

  test("does not ask for a place that the state came with", async () => {
    const { job, events } = poll({
      progress: [inState("waiting", { position: 4 }), inState("complete")],
      log: [nothingNew],
    });
    expect(await events).toContainEqual({ kind: "position", ahead: 4 });
    expect(job.asked.join()).not.toContain("position");
  });

  test("of one phase ends with the exit code of the phase, behind its log", async () => {
    const { events } = poll(
      { progress: [inState("reserve", { exitCodes: { setup: 0, test: 7 } })], log: [output("bad\n", 2)] },
      { phase: "test" },
    );
    expect(await events).toEqual([
      { kind: "output", text: "bad\n", next: 3 },
      { kind: "state", state: "reserve" },
      { kind: "phase-ended", phase: "test", exitCode: 7 },
    ]);
  });

  test.each(["complete", "cancelled", "completed"])("ends in the state %s", async (state) => {
    expect(await poll({ progress: [inState(state)], log: [nothingNew] }).events).toEqual([{ kind: "state", state }]);
  });
});

describe("polling through failures", () => {
  test.each([
    ["a server error", new HttpError(500, "x", "x")],
    ["too many requests", new HttpError(429, "x", "x")],
    ["the page of a proxy", new UnexpectedAnswer("<html>")],
    ["a VPN that dropped", new VpnError()],
    ["no answer", new ConnectionFailure("gone", "connection")],
  ])("waits out %s", async (_, failure) => {
    const { events } = poll({
      progress: [failure, failure, inState("complete")],
      log: [failure, failure, output("there\n", 0)],
    });
    expect(await events).toEqual([
      { kind: "output", text: "there\n", next: 1 },
      { kind: "state", state: "complete" },
    ]);
  });

  test("pauses longer and longer, up to half a minute", async () => {
    const failures = Array.from({ length: 7 }, () => new HttpError(503, "x", "x"));
    const { job, events } = poll({ log: [...failures, nothingNew] }, { known: inState("complete") });
    await events;
    expect(job.asked.map((entry) => entry.split("s ")[0])).toEqual(["0", "1", "3", "7", "15", "31", "61", "91"]);
  });

  test("says so once, at the second failure in a row", async () => {
    const failure = new HttpError(503, "busy", "busy");
    const { world, events } = poll({ log: [failure, failure, failure, nothingNew] }, { known: inState("complete") });
    await events;
    expect(world.stderr.match(/WARNING/g)).toHaveLength(1);
    expect(world.stderr).toContain("Error polling for job output: busy");
  });

  test("is quiet about a single one", async () => {
    const { world, events } = poll({ log: [new HttpError(500, "x", "x"), nothingNew] }, { known: inState("complete") });
    await events;
    expect(world.stderr).toBe("");
  });

  test.each([
    ["an unknown job", new HttpError(204, "", "")],
    ["a malformed id", new HttpError(400, "x", "x")],
    ["a missing permission", new HttpError(403, "x", "x")],
    ["a failed login", new AuthenticationError("who?")],
    ["a fault of this program", new TypeError("x is not a function")],
  ])("ends at %s", async (_, failure) => {
    const { events } = poll({ progress: [inState("test")], log: [failure] });
    expect(events).rejects.toBe(failure);
  });
});
