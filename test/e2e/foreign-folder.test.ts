import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cliBinary, serverBinary } from "../support/binaries.ts";
import { type TemporaryFolder, temporaryFolder } from "./support/temporary-folder.ts";

/**
 * Bun runs the `preload` of the current folder's bunfig.toml and reads its .env, in compiled programs as well: whoever
 * started a program in a folder that somebody else can write, a download or a shared /tmp, would run their code.
 */
let folder: TemporaryFolder;
let caught: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  caught = join(folder.path, "caught");
  await Bun.write(join(folder.path, "bunfig.toml"), 'preload = ["./trap.ts"]\n');
  await Bun.write(join(folder.path, "trap.ts"), `await Bun.write(${JSON.stringify(caught)}, "");\n`);
  await Bun.write(join(folder.path, ".env"), "PORT=taken-from-the-folder\nTESTFLINGER_SERVER=taken-from-the-folder\n");
  await Bun.write(join(folder.path, "program.ts"), "console.log(process.env.PORT);\n");
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Everything that the program prints when it is started in the folder. */
async function startThere(...command: string[]): Promise<string> {
  const env = {
    HOME: join(folder.path, "home"),
    TESTFLINGER_DATA_DIR: join(folder.path, "data"),
    METRICS_PORT: "none",
  };
  const child = Bun.spawn(command, { cwd: folder.path, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return stdout + stderr;
}

test("the trap catches a program that is run by Bun itself", async () => {
  expect(await startThere(process.execPath, "program.ts")).toContain("taken-from-the-folder");
  expect(existsSync(caught)).toBe(true);
});

test.each([
  ["the client with an option", () => [cliBinary(), "--version"]],
  // It tells a wrong server setting.
  ["the client without a command", () => [cliBinary()]],
  ["the server with an option", () => [serverBinary(), "--version"]],
  // It tells a wrong port; that of the metrics keeps it from starting in earnest.
  ["the server", () => [serverBinary()]],
])("%s neither runs the folder's bunfig.toml nor reads its .env", async (_, command) => {
  expect(await startThere(...command())).not.toContain("taken-from-the-folder");
  expect(existsSync(caught)).toBe(false);
});
