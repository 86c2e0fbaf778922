import { describe, expect, test } from "bun:test";
import { ConnectionFailure } from "../../../src/cli/api/errors.ts";
import { createLog } from "../../../src/cli/log.ts";
import type { StreamEvent } from "../../../src/cli/poll/events.ts";
import { followEvents } from "../../../src/cli/poll/streaming.ts";
import { Trouble } from "../../../src/cli/poll/trouble.ts";
import { World } from "../support/world.ts";
import {
  collect,
  type FollowOptions,
  followingScene,
  inState,
  nothingNew,
  output,
  ScriptedJob,
} from "./scripted-job.ts";

const fragment = (number: number, text: string): StreamEvent => ({ kind: "fragment", number, text });
const state = (name: string): StreamEvent => ({ kind: "state", state: name });
const end: StreamEvent = { kind: "end", state: "complete" };

function follow(answers: Parameters<typeof followingScene>[0], options: FollowOptions = {}) {
  const { world, job, following } = followingScene(answers, options);
  return { world, job, events: world.clock.run(collect(followEvents(following, options.known))) };
}

describe("a live log", () => {
  test("is shown as it arrives, without any other request", async () => {
    const stream = [state("test"), fragment(0, "a"), fragment(1, "b\n"), state("cleanup"), fragment(2, "c"), end];
    const { job, events } = follow({ streams: [stream] });
    expect(await events).toEqual([
      { kind: "state", state: "test" },
      { kind: "output", text: "a", next: 1 },
      { kind: "output", text: "b\n", next: 2 },
      { kind: "state", state: "cleanup" },
      { kind: "output", text: "c", next: 3 },
      { kind: "state", state: "complete" },
    ]);
    expect(job.asked).toEqual(["0s stream 0"]);
  });

  test("goes on behind the last fragment when the connection broke", async () => {
    const broken = [fragment(4, "a"), new ConnectionFailure("gone", "connection")];
    const { job, events } = follow({ streams: [broken, [fragment(5, "b"), end]] }, { startFragment: 4 });
    expect((await events).filter(({ kind }) => kind === "output")).toHaveLength(2);
    expect(job.asked).toEqual(["0s stream 4", "1s stream 5"]);
  });

  test("is opened again when it ends without saying so", async () => {
    const { job, events } = follow({ streams: [[fragment(0, "a")], [end]] });
    expect((await events).at(-1)).toEqual({ kind: "state", state: "complete" });
    expect(job.asked).toEqual(["0s stream 0", "1s stream 1"]);
  });

  test("is replaced by polling on a server that has none", async () => {
    const { job, events } = follow({ log: [output("a", 0), nothingNew], progress: [inState("complete")] });
    expect((await events).map(({ kind }) => kind)).toEqual(["output", "state"]);
    expect(job.asked).toEqual(["0s stream 0", "0s state", "0s log 0"]);
  });

  test("is not opened for a job that has ended", async () => {
    const { job, events } = follow({ log: [output("a", 0)] }, { known: inState("complete") });
    await events;
    expect(job.asked).toEqual(["0s log 0"]);
  });

  test("tells the place of a waiting job", async () => {
    const { events } = follow({
      streams: [[state("waiting"), state("setup"), end]],
      progress: [inState("waiting", { position: 3 })],
    });
    expect((await events).slice(0, 2)).toEqual([
      { kind: "state", state: "waiting" },
      { kind: "position", ahead: 3 },
    ]);
  });

  test("looks for the place of a waiting job again while nothing comes", async () => {
    const world = new World();
    const { clock } = world;
    const job = new ScriptedJob({
      progress: [inState("waiting", { position: 3 }), inState("waiting", { position: 2 })],
    });
    const { promise: silence, resolve: speak } = Promise.withResolvers<void>();
    job.stream = async () =>
      (async function* () {
        yield state("waiting");
        await silence;
        yield end;
      })();
    const { signal } = new AbortController();
    const trouble = new Trouble(world.context, createLog(world.context), signal);
    const events = followEvents({ job, startFragment: 0, phase: undefined, clock, trouble, signal });
    expect((await events.next()).value).toEqual({ kind: "state", state: "waiting" });
    expect((await events.next()).value).toEqual({ kind: "position", ahead: 3 });
    const next = events.next();
    await clock.untilSomeoneSleeps();
    clock.advance(10_000);
    expect((await next).value).toEqual({ kind: "position", ahead: 2 });
    speak();
    expect((await events.next()).value).toEqual({ kind: "state", state: "complete" });
    expect((await events.next()).done).toBeTrue();
  });

  test("may break while nobody looks without harm", async () => {
    const { clock, context } = new World();
    const job = new ScriptedJob({});
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    job.stream = async () => ({
      [Symbol.asyncIterator]: () => {
        const items = [{ done: false as const, value: fragment(0, "a") }];
        return {
          next: async () => items.shift() ?? Promise.reject(new ConnectionFailure("gone", "connection")),
          return: async () => {
            close();
            return { done: true as const, value: undefined };
          },
        };
      },
    });
    const { signal } = new AbortController();
    const trouble = new Trouble(context, createLog(context), signal);
    const events = followEvents({ job, startFragment: 0, phase: undefined, clock, trouble, signal });
    expect((await events.next()).value).toEqual({ kind: "output", text: "a", next: 1 });
    await events.return();
    await closed;
  });

  test("of one phase ends when the phase has an exit code, with what was still on its way", async () => {
    const { job, events } = follow(
      {
        streams: [[state("test"), fragment(0, "a"), state("reserve"), fragment(9, "of another phase")]],
        progress: [inState("test"), inState("reserve", { exitCodes: { test: 0 } })],
        log: [output("b", 1)],
      },
      { phase: "test" },
    );
    expect((await events).slice(-3)).toEqual([
      { kind: "state", state: "reserve" },
      { kind: "output", text: "b", next: 2 },
      { kind: "phase-ended", phase: "test", exitCode: 0 },
    ]);
    expect(job.asked.at(-1)).toBe("0s log 1");
  });

  test("of a phase that never ran ends with the job", async () => {
    const { events } = follow(
      { streams: [[state("cleanup"), end]], progress: [inState("cleanup"), inState("complete")] },
      { phase: "reserve" },
    );
    expect((await events).at(-1)).toEqual({ kind: "state", state: "complete" });
  });
});
