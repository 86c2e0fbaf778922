import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { plainHelp } from "../../src/cli/plain-help.ts";
import { main } from "../../src/cli/program.ts";
import { PROGRAM_NAMES } from "../../src/cli/program-name.ts";
import { cliBinary } from "../support/binaries.ts";
import { World } from "./support/world.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quick-answer-"));
  for (const name of PROGRAM_NAMES) symlinkSync(cliBinary(), join(folder, name));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the compiled program prints into a pipe. */
async function printed(name: string, words: readonly string[], env: Record<string, string> = {}): Promise<string> {
  const child = Bun.spawn([join(folder, name), ...words], { cwd: folder, env: { HOME: folder, ...env } });
  return new Response(child.stdout).text();
}

describe.each(PROGRAM_NAMES)("the help that %s was compiled with", (name) => {
  test("is the one that the program renders for 80 columns", async () => {
    using world = new World({ columns: 80 });
    expect(await main(["--help"], name, world.context)).toBe(0);
    expect(plainHelp()[name]).toBe(world.stdout);
  });

  test("is printed into a pipe as the program itself would print it", async () => {
    const rendered = await printed(name, ["--help"], { COLUMNS: "80" });
    expect(rendered).toStartWith(`usage: ${name} [-h]`);
    expect(await printed(name, ["--help"])).toBe(rendered);
    expect(await printed(name, ["-h"])).toBe(rendered);
  });

  test("is not used where another width is wanted", async () => {
    const [, second] = (await printed(name, ["--help"], { COLUMNS: "60" })).split("\n");
    expect(second!.length).toBeLessThanOrEqual(60);
    expect(await printed(name, ["--help"], { COLUMNS: "60" })).not.toBe(await printed(name, ["--help"]));
  });
});

test("a reader of the help that has gone away ends the program without a word", async () => {
  const child = Bun.spawn(["sh", "-c", `{ "${join(folder, "testflinger")}" --help; } | true`], {
    env: { PATH: process.env.PATH, HOME: folder },
    stderr: "pipe",
  });
  expect(await new Response(child.stderr).text()).toBe("");
});
