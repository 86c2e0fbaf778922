import { describe, expect, test } from "bun:test";
import { ConnectionFailure, HttpError, NetworkError, UnexpectedAnswer, VpnError } from "../../../src/cli/api/errors.ts";
import { type Identity, Requester } from "../../../src/cli/api/requester.ts";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { anyObject } from "../../../src/cli/api/shapes.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { createLog } from "../../../src/cli/log.ts";
import { json, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const anonymous: Identity = { token: async () => undefined, renew: async () => undefined };

function requester(world: World, server: string, identity: Identity = anonymous, errorThreshold = 3): Requester {
  return new Requester({
    server: parseServerUrl(server),
    transport: new Transport(world.context),
    identity,
    clock: world.clock,
    random: world.context.random,
    log: createLog(world.context),
    errorThreshold,
  });
}

const DEAD = "http://127.0.0.1:1";

describe("a successful request", () => {
  test("is made below the base path of the server", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /base/v1/x": text("OK") });
    expect(await requester(world, `${server.url}/base/`).get("/v1/x")).toBe("OK");
  });

  test("sends JSON with everything beyond ASCII escaped", async () => {
    using world = new World();
    using server = new ScriptedServer({ "POST /v1/x": text("OK") });
    await requester(world, server.url).send("POST", "/v1/x", { name: "Müller 😀", list: [1, null] });
    expect(server.seen[0]!.body).toBe('{"name": "M\\u00fcller \\ud83d\\ude00", "list": [1, null]}');
    expect(server.seen[0]!.headers["content-type"]).toBe("application/json");
  });

  test("has neither body nor type without a value", async () => {
    using world = new World();
    using server = new ScriptedServer({ "DELETE /v1/x": text("OK") });
    await requester(world, server.url).send("DELETE", "/v1/x");
    expect(server.seen[0]).toMatchObject({ body: "" });
    expect(server.seen[0]!.headers).not.toHaveProperty("content-type");
  });

  test.each([NaN, Infinity])("is not tried with %p, which JSON cannot express", async (number) => {
    using world = new World();
    using server = new ScriptedServer({});
    const work = requester(world, server.url).send("POST", "/v1/x", new Map([["a", [{ b: number }]]]));
    await expect(work).rejects.toThrow(`${number} cannot be sent to the server`);
    expect(server.requests).toEqual([]);
  });
});

describe("an answer other than 200 is an error", () => {
  test.each([201, 204, 404, 500])("%i", async (status) => {
    using world = new World();
    const body = status === 204 ? null : "why";
    using server = new ScriptedServer({
      "GET /v1/x": () => new Response(body, { status }),
      "PUT /v1/x": () => new Response(body, { status }),
    });
    const client = requester(world, server.url);
    const expected = new HttpError(status, body ?? "", body ?? "");
    await expect(client.get("/v1/x")).rejects.toEqual(expected);
    await expect(client.send("PUT", "/v1/x")).rejects.toEqual(expected);
  });

  test("the VPN page", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": text("<html>", 403) });
    await expect(requester(world, server.url).get("/v1/x")).rejects.toThrow(VpnError);
  });

  test("a page instead of JSON", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": text("<html>Maintenance"), "PUT /v1/x": text("<html>") });
    const client = requester(world, server.url);
    await expect(client.getJson("/v1/x", anyObject())).rejects.toThrow(UnexpectedAnswer);
    await expect(client.getDocument("/v1/x", anyObject())).rejects.toThrow(UnexpectedAnswer);
    await expect(client.sendJson("PUT", "/v1/x", {}, anyObject())).rejects.toThrow(UnexpectedAnswer);
  });
});

describe("without an answer (cli section 4.3)", () => {
  test.each(["POST", "PUT", "DELETE"] as const)("%s is a network error", async (verb) => {
    using world = new World();
    const work = requester(world, DEAD).send(verb, "/v1/x", {});
    await expect(work).rejects.toThrow(NetworkError);
    await expect(work).rejects.toThrow("Unable to communicate with specified server.");
  });

  test("in time, POST is a network error", async () => {
    using world = new World();
    const arrived = Promise.withResolvers<void>();
    const never = () => (arrived.resolve(), new Promise<Response>(() => undefined));
    using server = new ScriptedServer({ "POST /v1/x": never });
    const work = requester(world, server.url).send("POST", "/v1/x");
    await arrived.promise;
    world.clock.advance(15_000);
    await expect(work).rejects.toThrow("Timeout while trying to communicate with the server.");
    await expect(work).rejects.toThrow(NetworkError);
  });

  test("GET fails at once; the next one waits 2, 4, 8, 16, 32, 60 and 60 seconds", async () => {
    using world = new World();
    const client = requester(world, DEAD, anonymous, 100);
    const waits: number[] = [];
    for (let i = 0; i < 8; i++) {
      const before = world.clock.elapsed();
      await expect(world.clock.run(client.get("/v1/x"))).rejects.toThrow(ConnectionFailure);
      waits.push((world.clock.elapsed() - before) / 1000);
    }
    expect(waits).toEqual([0, 2, 4, 8, 16, 32, 60, 60]);
  });

  test("time that has passed anyway counts as waiting", async () => {
    using world = new World();
    const client = requester(world, DEAD);
    await client.get("/v1/x").catch(() => undefined);
    world.clock.advance(2_000);
    await client.get("/v1/x").catch(() => undefined);
    expect(world.clock.slept.filter((ms) => ms < 15_000)).toEqual([]);
  });

  test("a warning comes with every failure that is a multiple of the threshold", async () => {
    using world = new World();
    const client = requester(world, DEAD, anonymous, 2);
    for (let i = 0; i < 5; i++) await world.clock.run(client.get("/v1/x").catch(() => undefined));
    const warnings = world.stderr.match(
      /WARNING: .* -- Error communicating with the server for the past \d+ requests/g,
    );
    expect(warnings?.map((line) => /\d+(?= requests)/.exec(line)![0])).toEqual(["2", "4"]);
    expect(world.stderr).toContain("ECONNREFUSED");
  });

  test("any answer, also an error, ends the counting", async () => {
    using world = new World();
    let up = false;
    using server = new ScriptedServer({ "GET /v1/x": text("broken", 500) });
    const context = {
      ...world.context,
      fetch: (url: string | URL, init?: RequestInit) => fetch(up ? url : DEAD, init),
    };
    const client = requester({ ...world, context, clock: world.clock } as World, server.url);
    await client.get("/v1/x").catch(() => undefined);
    up = true;
    await world.clock.run(client.get("/v1/x").catch((error: unknown) => expect(error).toBeInstanceOf(HttpError)));
    up = false;
    world.clock.slept.length = 0;
    await client.get("/v1/x").catch(() => undefined);
    await world.clock.run(client.get("/v1/x").catch(() => undefined));
    expect(world.clock.slept).toContain(2_000);
  });

  test("open leaves the failure to the caller, and counts nothing", async () => {
    using world = new World();
    const client = requester(world, DEAD);
    await expect(client.open("/v1/x", { method: "POST" })).rejects.toThrow(ConnectionFailure);
    await client.get("/v1/x").catch(() => undefined);
    expect(world.clock.slept.filter((ms) => ms < 15_000)).toEqual([]);
  });
});

describe("after a 401 (cli section 4.4)", () => {
  const identity = (tokens: (string | undefined)[]): Identity & { rejected: unknown[] } => {
    const rejected: unknown[] = [];
    return {
      rejected,
      token: async () => tokens[rejected.length],
      renew: async (token) => (rejected.push(token), tokens[rejected.length]),
    };
  };

  test("the same request is made once more with the new token", async () => {
    using world = new World();
    using server = new ScriptedServer({ "POST /v1/x": [json({ message: "who?" }, 401), text("OK")] });
    const user = identity(["one", "two"]);
    expect(await requester(world, server.url, user).send("POST", "/v1/x", { a: 1 })).toBe("OK");
    expect(server.calls).toEqual(["POST /v1/x Bearer one", "POST /v1/x Bearer two"]);
    expect(server.seen.map(({ body }) => body)).toEqual(['{"a": 1}', '{"a": 1}']);
    expect(user.rejected).toEqual(["one"]);
  });

  test("the first request is anonymous when there is no token", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": [json({}, 401), text("OK")] });
    expect(await requester(world, server.url, identity([undefined, "two"])).get("/v1/x")).toBe("OK");
    expect(server.calls).toEqual(["GET /v1/x", "GET /v1/x Bearer two"]);
  });

  test("a second 401 is final", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": json({ message: "no" }, 401) });
    await expect(requester(world, server.url, identity(["one", "two", "three"])).get("/v1/x")).rejects.toMatchObject({
      status: 401,
      message: "no",
    });
    expect(server.calls).toHaveLength(2);
  });

  test("without a new token the 401 itself is the answer", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": json({ message: "who?" }, 401) });
    await expect(requester(world, server.url).get("/v1/x")).rejects.toMatchObject({ status: 401, message: "who?" });
    const answer = await requester(world, server.url).open("/v1/x", { method: "GET" });
    expect(JSON.parse(await answer.text())).toEqual({ message: "who?" });
    expect(server.calls).toHaveLength(2);
  });

  test("an error of the login ends the command", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": json({}, 401) });
    const user: Identity = { ...anonymous, renew: () => Promise.reject(new Error("no login")) };
    await expect(requester(world, server.url, user).get("/v1/x")).rejects.toThrow("no login");
  });

  test("a 403 is not repeated", async () => {
    using world = new World();
    using server = new ScriptedServer({ "GET /v1/x": json({ message: "no" }, 403) });
    await expect(requester(world, server.url, identity(["one", "two"])).get("/v1/x")).rejects.toThrow("no");
    expect(server.calls).toHaveLength(1);
  });
});
