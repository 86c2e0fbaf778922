import { describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { AccessTokenCache } from "../../../src/cli/auth/access-token-cache.ts";
import { accessToken } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const LOGIN = { clientId: "olga", proof: "rt" };
const seconds = (world: World) => world.clock.now().getTime() / 1000;
const cacheIn = (world: World) => new AccessTokenCache(() => join(world.home, "folder/access.json"), world.clock);
const tokens = (accessToken: string, expiresIn?: number) => ({ accessToken, expiresIn, refreshToken: undefined });

describe("a cached access token", () => {
  test("is used until half a minute before its end", async () => {
    using world = new World();
    const cache = cacheIn(world);
    const token = accessToken({}, seconds(world) + 600);
    await cache.write(LOGIN, tokens(token));
    expect(cache.read(LOGIN, undefined)).toBe(token);
    world.clock.advance(569_999);
    expect(cache.read(LOGIN, undefined)).toBe(token);
    world.clock.advance(1);
    expect(cache.read(LOGIN, undefined)).toBeUndefined();
  });

  test("ends when the answer or the token says, whichever is sooner", async () => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens(accessToken({}, seconds(world) + 10_000), 60));
    world.clock.advance(30_000);
    expect(cache.read(LOGIN, undefined)).toBeUndefined();
  });

  test("is not kept when nobody says when it ends", async () => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens("opaque"));
    expect(cache.read(LOGIN, undefined)).toBeUndefined();
    await cache.write(LOGIN, tokens("opaque", 600));
    expect(cache.read(LOGIN, undefined)).toBe("opaque");
  });

  test("is of no use once the server has refused it", async () => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens("one", 600));
    expect(cache.read(LOGIN, "one")).toBeUndefined();
    expect(cache.read(LOGIN, "another")).toBe("one");
  });

  test.each([
    { ...LOGIN, proof: "other" },
    { ...LOGIN, clientId: "other" },
  ])("is of no use to another login: %j", async (other) => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens("one", 600));
    expect(cache.read(other, undefined)).toBeUndefined();
  });

  test("is its owner's alone, and does not hold the refresh token", async () => {
    using world = new World();
    await cacheIn(world).write({ ...LOGIN, proof: "rt-secret" }, tokens("one", 600));
    const file = join(world.home, "folder/access.json");
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600");
    expect(readFileSync(file, "utf8")).not.toContain("rt-secret");
  });

  test.each(["", "rubbish", "[]", '{"access_token": 1}'])("in a broken file is none: %j", async (content) => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens("one", 600));
    writeFileSync(join(world.home, "folder/access.json"), content);
    expect(cache.read(LOGIN, undefined)).toBeUndefined();
  });

  test("that cannot be stored is no reason to fail", async () => {
    using world = new World();
    writeFileSync(join(world.home, "folder"), "a file where the folder should be");
    await cacheIn(world).write(LOGIN, tokens("one", 600));
  });

  test("is forgotten", async () => {
    using world = new World();
    const cache = cacheIn(world);
    await cache.write(LOGIN, tokens("one", 600));
    cache.forget();
    cache.forget();
    expect(cache.read(LOGIN, undefined)).toBeUndefined();
  });
});
