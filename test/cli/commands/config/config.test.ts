import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../../src/cli/program.ts";
import { World } from "../../support/world.ts";

let world: World;
let configFile: string;
beforeEach(() => enter(new World()));
afterEach(() => world[Symbol.dispose]());

function enter(next: World) {
  world = next;
  configFile = join(world.home, ".config/testflinger-cli.conf");
}

function given(text: string) {
  mkdirSync(join(world.home, ".config"), { recursive: true });
  writeFileSync(configFile, text);
}

const config = (...words: string[]) => main(["config", ...words], "testflinger", world.context);
const written = () => readFileSync(configFile, "utf8");

describe("config", () => {
  test("lists the settings in the order of the file", async () => {
    given("[testflinger-cli]\nserver = http://a\nClient_ID: me\nsecret_key = k\n");
    expect(await config()).toBe(0);
    expect(world.stdout).toBe(
      "Current Configuration\n---------------------\nserver = http://a\nclient_id = me\nsecret_key = k\n\n",
    );
  });

  test("creates nothing when it only looks", async () => {
    expect(await config()).toBe(0);
    expect(world.stdout).toBe("Current Configuration\n---------------------\n\n");
    expect(existsSync(join(world.home, ".config"))).toBe(false);
  });

  test("masks the secret key in a listing on a terminal, and shows it when asked for it (W10)", async () => {
    world[Symbol.dispose]();
    enter(new World({ terminal: true }));
    given("[testflinger-cli]\nsecret_key = k\n");
    await config();
    await config("secret_key");
    expect(world.stdout).toEndWith("secret_key = ********\n\nsecret_key = k\n");
  });

  test.each([
    ["client_id", "client_id = me\n"],
    ["Client_ID", "client_id = me\n"],
    ["server", "server = None\n"],
  ])("prints %s as %j", async (key, line) => {
    given("[testflinger-cli]\nCLIENT_ID = me\n");
    expect(await config(key)).toBe(0);
    expect(world.stdout).toBe(line);
  });

  test("stores a setting without a word, for the owner only", async () => {
    expect(await config("server=http://new")).toBe(0);
    expect(world.stdout + world.stderr).toBe("");
    expect(written()).toBe("[testflinger-cli]\nserver = http://new\n\n");
    expect(statSync(configFile).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["a=b=c", "a = b=c\n"],
    ["a=5%", "a = 5%%\n"],
    ["Server=x", "server = x\n"],
    ["server=", "server = \n"],
    [" a = b ", "a = b\n"],
  ])("stores %j as %j", async (setting, line) => {
    expect(await config(setting)).toBe(0);
    expect(written()).toContain(`\n${line}`);
  });

  test.each([
    ["history_lenght=3", "history_length"],
    ["clientid=me", "client_id"],
  ])("stores %j, and asks whether another setting was meant", async (setting, meant) => {
    expect(await config(setting)).toBe(0);
    const [key, value] = setting.split("=");
    expect(written()).toContain(`\n${key} = ${value}\n`);
    expect(world.stderr).toBe(`Stored, but this program knows no setting ${key}: did you mean ${meant}?\n`);
  });

  test("keeps comments and other sections", async () => {
    given("# keep\n[testflinger-cli]\nb = 2\n[other]\nx = y\n");
    expect(await config("a=1")).toBe(0);
    expect(written()).toBe("# keep\n[testflinger-cli]\nb = 2\na = 1\n[other]\nx = y\n");
  });

  test("removes a setting with --unset", async () => {
    given("[testflinger-cli]\nserver = x\nb = 2\n");
    expect(await config("--unset", "server")).toBe(0);
    expect(written()).toBe("[testflinger-cli]\nb = 2\n");
  });

  test.each([
    [["--unset", "server"], 1, "server is not set in "],
    [["--unset"], 2, "the following arguments are required: KEY[=VALUE]"],
    [["=x"], 1, "cannot be the name of a setting"],
    [["a:b=x"], 1, "cannot be the name of a setting"],
    [["error_threshold=many"], 1, "error_threshold must be a whole number from 1 to"],
  ])("refuses %j", async (words, status, message) => {
    expect(await config(...words)).toBe(status);
    expect(world.stderr).toContain(message);
    expect(existsSync(configFile)).toBe(false);
  });

  test("repairs a number that stops every other command", async () => {
    given("[testflinger-cli]\nattachments_tries = many\n");
    expect(await config("attachments_tries=2")).toBe(0);
    expect(written()).toBe("[testflinger-cli]\nattachments_tries = 2\n");
  });

  test("names file and line of a broken file, and leaves it alone", async () => {
    given("[testflinger-cli]\nnonsense\n");
    expect(await config("a=1")).toBe(1);
    expect(world.stderr).toBe(`${configFile}:2: expected "key = value"\n`);
    expect(written()).toBe("[testflinger-cli]\nnonsense\n");
  });

  test("says why the file cannot be written", async () => {
    writeFileSync(join(world.home, ".config"), "a file");
    expect(await config("a=1")).toBe(1);
    expect(world.stderr).toStartWith(`Cannot write configuration file ${configFile}: `);
  });
});
