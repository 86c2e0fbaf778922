import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../src/cli/program.ts";
import { accessToken, json, ScriptedServer } from "../support/scripted-server.ts";
import { World, type WorldOptions } from "../support/world.ts";

const TARGET = "/v1/secrets/me/lab/token";

async function write(words: string[], options: WorldOptions & { files?: Record<string, string> } = {}) {
  const tokens = { access_token: accessToken({ client_id: "me" }), refresh_token: "r" };
  using server = new ScriptedServer({
    "POST /v1/oauth2/token": json(tokens),
    [`PUT ${TARGET}`]: json({ expires_at: null }),
  });
  const credentials = { TESTFLINGER_CLIENT_ID: "me", TESTFLINGER_SECRET_KEY: "k" };
  using world = new World({ ...options, env: { TESTFLINGER_SERVER: server.url, ...credentials } });
  for (const [name, content] of Object.entries(options.files ?? {})) writeFileSync(join(world.home, name), content);
  const exit = await main(["secret", "write", ...words], "testflinger", world.context);
  const sent = server.seen.find(({ target }) => target === TARGET)?.body;
  return {
    exit,
    stdout: world.stdout,
    stderr: world.stderr,
    value: sent && (JSON.parse(sent) as { value: string }).value,
  };
}

describe("the value of a secret comes from", () => {
  test("the command line", async () => expect((await write(["lab/token", "v"])).value).toBe("v"));

  test("a file, without the line end at its end", async () => {
    const { value } = await write(["lab/token", "--value-file", "t.txt"], { files: { "t.txt": "a\nb\r\n" } });
    expect(value).toBe("a\nb");
  });

  test("standard input, when that is no terminal", async () => {
    expect((await write(["lab/token"], { input: ["v", ""] })).value).toBe("v");
    expect((await write(["lab/token", "--value-file", "-"], { input: ["v"] })).value).toBe("v");
  });

  test("a prompt that does not show it", async () => {
    const { value, stderr, stdout } = await write(["lab/token"], { input: ["typed"], terminal: true });
    expect(value).toBe("typed");
    expect(stderr).toStartWith("Value of the secret (not shown): ");
    expect(stdout).not.toContain("typed");
  });
});

describe("without a value", () => {
  test("an empty standard input is a usage error", async () => {
    const { exit, stderr } = await write(["lab/token"]);
    expect(exit).toBe(2);
    expect(stderr).toEndWith("testflinger secret write: error: the following arguments are required: value\n");
  });

  test("an empty answer writes nothing", async () => {
    const { exit, stderr, value } = await write(["lab/token"], { input: [""], terminal: true });
    expect({ exit, value }).toEqual({ exit: 1, value: undefined });
    expect(stderr).toEndWith("Error writing secret: no value was given\n");
  });

  test("a file that cannot be read is named", async () => {
    const { exit, stderr } = await write(["lab/token", "--value-file", "gone"]);
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^Cannot read file .*gone: no such file or folder/);
  });
});

test.each([
  [[], { path: "lab/token", client_id: "me", expires_at: null, single_use: false }],
  [["--single-use"], { path: "lab/token", client_id: "me", expires_at: null, single_use: true }],
])("what was written is told to programs, without the value: %j", async (words, told) => {
  const { exit, stdout } = await write(["lab/token", "v", "--json", ...words]);
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toEqual(told);
});

test("a value and a file exclude each other", async () => {
  expect((await write(["lab/token", "v", "--value-file", "x"])).exit).toBe(2);
});
