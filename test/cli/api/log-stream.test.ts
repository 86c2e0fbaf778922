import { describe, expect, test } from "bun:test";
import { ConnectionFailure, HttpError } from "../../../src/cli/api/errors.ts";
import type { LogEvent } from "../../../src/cli/api/log-stream.ts";
import { clientFor } from "../support/client.ts";
import { ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const TARGET = "GET /v1/result/j1/log/output/stream";

const stream = (...events: string[]) => text(events.join(""), 200, { "content-type": "text/event-stream" });
const fragment = (number: number) => `event: fragment\nid: ${number}\ndata: {"n": ${number}}\n\n`;
const end = "event: end\ndata: {}\n\n";

async function follow(world: World, server: ScriptedServer, from = 0): Promise<LogEvent[] | undefined> {
  const events = await clientFor(world, server.url).results.follow("j1", "output", { from });
  return events && (await world.clock.run(Array.fromAsync(events)));
}

const lastEventIds = (server: ScriptedServer) => server.seen.map(({ headers }) => headers["last-event-id"]);

describe("following a log", () => {
  test("gives its events until the end", async () => {
    using world = new World();
    using server = new ScriptedServer({
      [TARGET]: stream(fragment(0), "event: state\ndata: test\n\n", end, fragment(1)),
    });
    expect(await follow(world, server)).toEqual([
      { event: "fragment", id: "0", data: { n: 0 } },
      { event: "state", id: "0", data: "test" },
      { event: "end", id: "0", data: {} },
    ]);
    expect(server.seen[0]!.headers).toMatchObject({ accept: "text/event-stream" });
  });

  test("starts behind the fragments that are known", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: stream(end) });
    await follow(world, server, 0);
    await follow(world, server, 7);
    expect(lastEventIds(server)).toEqual([undefined, "6"]);
  });

  test("asks for one phase", async () => {
    using world = new World();
    using server = new ScriptedServer({ [`${TARGET}?phase=test`]: stream(end) });
    const events = await clientFor(world, server.url).results.follow("j1", "output", { from: 0, phase: "test" });
    expect(await Array.fromAsync(events!)).toHaveLength(1);
  });

  test("goes on where it was when the connection ends", async () => {
    using world = new World();
    using server = new ScriptedServer({
      [TARGET]: [stream(fragment(0), fragment(1)), text("bad gateway", 502), stream(fragment(2), end)],
    });
    const events = await follow(world, server);
    expect(events?.map(({ event, id }) => `${event} ${id}`)).toEqual([
      "fragment 0",
      "fragment 1",
      "fragment 2",
      "end 2",
    ]);
    expect(lastEventIds(server)).toEqual([undefined, "1", "1"]);
    expect(world.clock.slept.filter((ms) => ms < 15_000)).toEqual([1_000, 2_000]);
  });

  test("is given up after six connections without news", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: [stream(fragment(0)), text("bad gateway", 502)] });
    await expect(follow(world, server)).rejects.toThrow(HttpError);
    expect(server.requests).toHaveLength(6);
  });

  test("takes an error event for the end of the connection, not for news", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: stream("event: error\ndata: {}\n\n", fragment(0)) });
    const events = (await clientFor(world, server.url).results.follow("j1", "output", { from: 0 }))!;
    await expect(world.clock.run(Array.fromAsync(events))).rejects.toThrow("The live log keeps breaking off");
    expect(server.requests).toHaveLength(6);
  });

  test("is given up when the server has gone", async () => {
    let up = true;
    using server = new ScriptedServer({ [TARGET]: stream(fragment(0)) });
    const fetcher = (url: string | URL, init?: RequestInit) => fetch(up ? url : "http://127.0.0.1:1", init);
    using cut = new World({ fetch: fetcher });
    const events = (await clientFor(cut, server.url).results.follow("j1", "output", { from: 0 }))!;
    up = false;
    await expect(cut.clock.run(Array.fromAsync(events))).rejects.toThrow(ConnectionFailure);
  });

  test("ends at once with an error that will not pass", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: [stream(fragment(0)), text("gone", 410)] });
    await expect(follow(world, server)).rejects.toMatchObject({ status: 410 });
    expect(server.requests).toHaveLength(2);
  });

  test("is not possible on a server without streams", async () => {
    using world = new World();
    using server = new ScriptedServer({});
    expect(await follow(world, server)).toBeUndefined();
  });

  test("fails with the error of the first answer", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: text("no", 400) });
    await expect(follow(world, server)).rejects.toMatchObject({ status: 400 });
  });

  test("ends when the caller has enough, also while pausing", async () => {
    using world = new World();
    const abort = new AbortController();
    using server = new ScriptedServer({ [TARGET]: stream(fragment(0)) });
    const client = clientFor(world, server.url);
    const events = (await client.results.follow("j1", "output", { from: 0, signal: abort.signal }))!;
    const all = Array.fromAsync(events);
    await world.clock.untilSomeoneSleeps();
    abort.abort(new Error("enough"));
    await expect(all).rejects.toThrow("enough");
  });
});
