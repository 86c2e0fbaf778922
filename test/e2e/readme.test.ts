import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { configurationTable, withTable } from "../../scripts/configuration-table.ts";
import { cliBinary, serverBinary } from "../support/binaries.ts";

const readme = await Bun.file(join(import.meta.dir, "..", "..", "README.md")).text();
const blocks = Array.from(readme.matchAll(/^```(?:sh|text)\n(.*?)^```$/gms), ([, text = ""]) => text).join("\n");

async function helpOf(program: string, ...words: string[]): Promise<{ status: number; text: string }> {
  const child = Bun.spawn([program, ...words, "--help"], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  return { text: await new Response(child.stdout).text(), status: await child.exited };
}

test("the README's table of variables is that of testflinger-server --help", async () => {
  const { text } = await helpOf(serverBinary());
  expect(readme).toBe(withTable(readme, configurationTable(text)));
  expect(configurationTable(text).split("\n").length).toBeGreaterThan(30);
});

describe("the README names", () => {
  const commands = new Set(Array.from(blocks.matchAll(/\btestflinger ([a-z][a-z-]+)/g), ([, command = ""]) => command));
  test.each(Array.from(commands))("testflinger %s, which exists", async (command) => {
    expect((await helpOf(cliBinary(), command)).status).toBe(0);
  });

  const operations = new Set(
    Array.from(blocks.matchAll(/\btestflinger-server admin ([a-z-]+)/g), ([, command = ""]) => command),
  );
  test.each(Array.from(operations))("testflinger-server admin %s, which exists", async (command) => {
    const { status, text } = await helpOf(serverBinary(), "admin", command);
    expect(status).toBe(0);
    expect(text).toContain(`testflinger-server admin ${command}`);
  });
});
