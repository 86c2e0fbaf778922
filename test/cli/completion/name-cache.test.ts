import { describe, expect, test } from "bun:test";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { NameCache } from "../../../src/cli/completion/name-cache.ts";
import { main } from "../../../src/cli/program.ts";
import { json, ScriptedServer } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";

const SERVER = parseServerUrl("https://lab.example");
const cacheIn = ({ context }: World) => new NameCache(context.env, SERVER);
const folderOf = ({ home }: World) => join(home, ".cache/testflinger");

describe("the cache of names", () => {
  test("keeps each kind until it is told anew", async () => {
    using world = new World();
    await cacheIn(world).remember({ advertised: ["q1"] });
    await cacheIn(world).remember({ agents: ["a1"], served: ["q2"] });
    expect(await cacheIn(world).read()).toEqual({ advertised: ["q1"], served: ["q2"], agents: ["a1"] });
    await cacheIn(world).remember({ advertised: [] });
    expect((await cacheIn(world).read()).advertised).toEqual([]);
  });

  test.each(["$(reboot)", "a b", "a;b", "`x`", "-rf", "a'b", "", "a\nb", "a".repeat(300)])(
    "drops the name %j, which could become a command of its own",
    async (name) => {
      using world = new World();
      await cacheIn(world).remember({ agents: [name, "arm64:lab_1.example-2"] });
      expect((await cacheIn(world).read()).agents).toEqual(["arm64:lab_1.example-2"]);
    },
  );

  test("drops such names also from a file that somebody else has written", async () => {
    using world = new World();
    await cacheIn(world).remember({ agents: ["a1"] });
    const [file] = readdirSync(folderOf(world));
    writeFileSync(join(folderOf(world), file!), JSON.stringify({ agents: ["$(reboot)", 7, "a2"] }));
    expect(await cacheIn(world).read()).toEqual({ advertised: [], served: [], agents: ["a2"] });
    writeFileSync(join(folderOf(world), file!), "{");
    expect((await cacheIn(world).read()).agents).toEqual([]);
  });

  test("is its owner's alone, and not written without a reason", async () => {
    using world = new World();
    await cacheIn(world).remember({ agents: ["a1"] });
    const path = join(folderOf(world), readdirSync(folderOf(world))[0]!);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { ino } = statSync(path);
    await cacheIn(world).remember({ agents: ["a1"] });
    expect(statSync(path).ino).toBe(ino);
  });
});

describe("list-queues and list-agents", () => {
  async function list(command: string, world: World) {
    using server = new ScriptedServer({
      "GET /v1/agents/queues": json({ q1: "first" }),
      "GET /v1/agents/data": json([{ name: "a1", state: "waiting", queues: ["q2"] }, { name: null }, {}]),
    });
    const env = { ...world.context.env, TESTFLINGER_SERVER: server.url };
    const exit = await main([command], "testflinger", { ...world.context, env });
    return { exit, names: await new NameCache(world.context.env, parseServerUrl(server.url)).read() };
  }

  test("remember what they have shown", async () => {
    using world = new World();
    expect(await list("list-queues", world)).toMatchObject({ exit: 0, names: { advertised: ["q1"] } });
    expect(await list("list-agents", world)).toMatchObject({ exit: 0, names: { agents: ["a1"], served: ["q2"] } });
  });

  test("work without a place to remember it", async () => {
    using world = new World();
    writeFileSync(join(world.home, ".cache"), "a file");
    expect(await list("list-queues", world)).toMatchObject({ exit: 0, names: { advertised: [] } });
    expect(existsSync(folderOf(world))).toBe(false);
    expect(world.stderr).not.toContain("remember");
  });
});
