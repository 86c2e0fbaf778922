import { describe, expect, test } from "bun:test";
import { ConnectionFailure, NetworkError, UnexpectedAnswer } from "../../../src/cli/api/errors.ts";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { Transport } from "../../../src/cli/api/transport.ts";
import { AuthenticationError } from "../../../src/cli/auth/errors.ts";
import { TokenEndpoint } from "../../../src/cli/auth/token-endpoint.ts";
import { json, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const endpoint = (world: World, server: string) =>
  new TokenEndpoint(new Transport(world.context), parseServerUrl(server));
const CREDENTIALS = { clientId: "müller", secretKey: "pä:ß" };
const DEAD = "http://127.0.0.1:1";

type Refusal = [status: number, answer: Response, message: string];

describe("exchanging credentials (cli section 5.4)", () => {
  const TARGET = "POST /v1/oauth2/token";

  test("sends them as UTF-8 in a Basic header, without a body", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: json({ access_token: "at", refresh_token: "rt", expires_in: 600 }) });
    expect(await endpoint(world, server.url).exchange(CREDENTIALS)).toEqual({
      accessToken: "at",
      refreshToken: "rt",
      expiresIn: 600,
    });
    expect(server.calls).toEqual([`${TARGET} Basic bcO8bGxlcjpww6Q6w58=`]);
    expect(server.seen[0]!.body).toBe("");
  });

  const refusals: Refusal[] = [
    [401, text("no", 401), "Authentication with Testflinger server failed"],
    [403, text("no", 403), "Authorization error received from server"],
    [403, json({ message: "no" }, 403), "Authorization error received from server"],
    [404, text("Not Found", 404), "[404] Not Found"],
    [500, text("broken\nlong story", 500), "[500] broken"],
    [503, json({ message: "busy" }, 503), "[503] busy"],
  ];
  test.each(refusals)("answered %i is fatal", async (_, answer, message) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: answer });
    const work = endpoint(world, server.url).exchange(CREDENTIALS);
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toThrow(AuthenticationError);
  });

  test.each([
    text("<html>"),
    json([]),
    json({}),
    json({ access_token: "" }),
    json({ access_token: "a\r\nHost: x" }),
    json({ access_token: 7 }),
  ])("answered without a token is unexpected (%#)", async (answer) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: answer });
    await expect(endpoint(world, server.url).exchange(CREDENTIALS)).rejects.toThrow(UnexpectedAnswer);
  });

  test("without a connection leaves the failure to the request that needed it", async () => {
    using world = new World();
    await expect(endpoint(world, DEAD).exchange(CREDENTIALS)).rejects.toThrow(ConnectionFailure);
  });
});

describe("refreshing (cli section 5.5)", () => {
  const TARGET = "POST /v1/oauth2/refresh";

  test("sends the refresh token, and nothing that the reference's server would not know", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: json({ access_token: "at" }) });
    expect(await endpoint(world, server.url).refresh("rt", { rotate: false })).toMatchObject({ accessToken: "at" });
    expect(JSON.parse(server.seen[0]!.body)).toEqual({ refresh_token: "rt" });
  });

  test("asks for a new refresh token where that is wanted", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: json({ access_token: "at", refresh_token: "next" }) });
    expect(await endpoint(world, server.url).refresh("rt", { rotate: true })).toMatchObject({ refreshToken: "next" });
    expect(JSON.parse(server.seen[0]!.body)).toEqual({ refresh_token: "rt", rotate: true });
  });

  test("answered 400 means that the token is worthless", async () => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: json({ message: "Invalid refresh token." }, 400) });
    expect(await endpoint(world, server.url).refresh("rt", { rotate: false })).toBeUndefined();
  });

  const refusals: Refusal[] = [
    [401, json({}, 401), "Authentication with Testflinger server failed"],
    [403, json({}, 403), "Authorization error received from server"],
    [422, json({ message: "bad" }, 422), "renew your login, which is kept: [422] bad"],
    [500, text("broken", 500), "renew your login, which is kept: [500] broken"],
  ];
  test.each(refusals)("answered %i is fatal", async (_, answer, message) => {
    using world = new World();
    using server = new ScriptedServer({ [TARGET]: answer });
    const work = endpoint(world, server.url).refresh("rt", { rotate: false });
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toThrow(AuthenticationError);
  });
});

describe("a timeout names what was going on (cli section 4.3)", () => {
  const rows: [name: string, path: string, call: (endpoint: TokenEndpoint) => Promise<unknown>][] = [
    ["timed out while authenticating with basic", "/v1/oauth2/token", (it) => it.exchange(CREDENTIALS)],
    [
      "timed out while refreshing authentication token",
      "/v1/oauth2/refresh",
      (it) => it.refresh("rt", { rotate: false }),
    ],
  ];
  test.each(rows)("%s", async (message, path, call) => {
    using world = new World();
    const arrived = Promise.withResolvers<void>();
    const never = () => (arrived.resolve(), new Promise<Response>(() => undefined));
    using server = new ScriptedServer({ [`POST ${path}`]: never });
    const work = call(endpoint(world, server.url));
    await arrived.promise;
    world.clock.advance(15_000);
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toThrow(NetworkError);
  });
});
