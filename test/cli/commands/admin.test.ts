import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../src/cli/program.ts";
import { accessToken, json, type Script, ScriptedServer, text } from "../support/scripted-server.ts";
import { World } from "../support/world.ts";
import { runAgainst } from "./job/one-job.ts";

const TOKEN = { "POST /v1/oauth2/token": json({ access_token: accessToken({ client_id: "root", role: "admin" }) }) };
const env = { TESTFLINGER_CLIENT_ID: "root", TESTFLINGER_SECRET_KEY: "s" };
const refused = json({ message: "not allowed" }, 403);
const broken = json({ message: "broken" }, 500);

const CASES: readonly [words: string[], script: Script, message: string][] = [
  [["get", "client-permissions"], { "GET /v1/client-permissions": broken }, "[500] broken"],
  [
    ["set", "client-permissions", "--testflinger-client-id", "c"],
    { "PUT /v1/client-permissions/c": refused },
    "not allowed",
  ],
  [
    ["delete", "client-permissions", "--testflinger-client-id", "c"],
    { "DELETE /v1/client-permissions/c": refused },
    "[403] not allowed",
  ],
];

describe.each(CASES)("admin %j that fails", (words, script, message) => {
  test.each([
    [[], 0],
    [["--exit-status"], 1],
  ])("with the options %j ends with %d and a logged reason (W34)", async (options, status) => {
    const { exit, stdout, stderr } = await runAgainst({ ...TOKEN, ...script }, ["admin", ...words, ...options], {
      env,
    });
    expect({ exit, stdout }).toEqual({ exit: status, stdout: "" });
    expect(stderr).toMatch(/^ERROR: /);
    expect(stderr).toEndWith(`${message}\n`);
  });
});

describe("the secret of a client", () => {
  const set = async (words: string[], input: string[] = []) => {
    using server = new ScriptedServer({ ...TOKEN, "PUT /v1/client-permissions/c": text("OK") });
    using world = new World({ input, env: { ...env, TESTFLINGER_SERVER: server.url } });
    writeFileSync(join(world.home, "secret.txt"), "from-a-file-0123456\n");
    const command = ["admin", "set", "client-permissions", "--testflinger-client-id", "c", ...words];
    const exit = await main(command, "testflinger", world.context);
    return { exit, stderr: world.stderr, sent: server.seen.find(({ method }) => method === "PUT")?.body };
  };

  test.each([
    [["--testflinger-client-secret-file", "secret.txt"], [], "from-a-file-0123456"],
    [["--testflinger-client-secret-file", "-"], ["from-stdin-01234567", ""], "from-stdin-01234567"],
    [["--testflinger-client-s", "from-an-argument-01"], [], "from-an-argument-01"],
  ])("comes with %j from where it cannot be seen, if that is wanted (W42)", async (words, input, secret) => {
    const { exit, sent } = await set(words, input);
    expect(exit).toBe(0);
    expect(JSON.parse(sent!)).toEqual({ client_secret: secret });
  });

  test("that cannot be read changes nothing", async () => {
    const { exit, stderr, sent } = await set(["--testflinger-client-secret-file", "gone"]);
    expect({ exit, sent }).toEqual({ exit: 1, sent: undefined });
    expect(stderr).toStartWith("Cannot read file gone: ");
  });
});

describe("admin set agent-status --exit-status", () => {
  const script: Script = {
    ...TOKEN,
    "GET /v1/agents/data/a": json({ state: "offline" }),
    "POST /v1/agents/data/a": json({ status: "OK" }),
    "GET /v1/agents/data/busy": json({ state: "test" }),
    "POST /v1/agents/data/busy": json({ status: "OK" }),
    "GET /v1/agents/data/gone": text("", 404),
  };
  const set = (...words: string[]) => runAgainst(script, ["admin", "set", "agent-status", ...words], { env });

  test("names the agents that were not changed, behind the others", async () => {
    const { exit, stdout, stderr } = await set("--status", "online", "--agents", "gone", "busy", "a", "--exit-status");
    expect(exit).toBe(1);
    expect(stdout).toEndWith("Agent a status is now: waiting\n");
    expect(stderr).toBe("Not changed: gone, busy\n");
  });

  test("counts a change that has to wait for the end of a job as done", async () => {
    expect(await set("--status", "maintenance", "--agents", "busy", "--exit-status")).toMatchObject({
      exit: 0,
      stderr: "",
    });
  });

  test("is 0 without the option, as scripts know it", async () => {
    expect(await set("--status", "online", "--agents", "gone")).toMatchObject({ exit: 0, stderr: "" });
  });
});
