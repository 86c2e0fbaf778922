import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../../../src/cli/commands/index.ts";
import { TOPICS } from "../../../../src/cli/commands/help/topics.ts";
import { typedLine } from "../../../../src/cli/completion/typed-line.ts";
import { type Command, type Entry, isGroup } from "../../../../src/cli/grammar/command.ts";
import { readCommandLine } from "../../../../src/cli/grammar/command-line.ts";
import { main } from "../../../../src/cli/program.ts";
import { World } from "../../support/world.ts";

async function run(words: readonly string[], startedAs = "testflinger") {
  using world = new World();
  const exit = await main(words, startedAs, world.context);
  return { exit, stdout: world.stdout, stderr: world.stderr };
}

type Named = readonly [path: string, command: Command];

async function allCommands(entries: Readonly<Record<string, Entry>>, path: readonly string[] = []): Promise<Named[]> {
  const found = Object.entries(entries).map(async ([name, entry]): Promise<Named[]> => {
    const { default: node } = await entry.load();
    const words = [...path, name];
    return isGroup(node) ? allCommands(node.subCommands, words) : [[words.join(" "), node]];
  });
  return (await Promise.all(found)).flat();
}

const commands = await allCommands(COMMANDS);

/** Every `testflinger …` in a line of shell, with the words that the shell would give it. */
function callsIn(line: string): string[][] {
  const [code = ""] = line.split(/ {2,}#/);
  return code
    .split(/\btestflinger(?= )/)
    .slice(1)
    .map((rest) => untilEnd(typedLine(`${rest} `)));
}

/** The words of a call: a pipe, a redirection or the end of a `$(…)` ends it. */
function untilEnd({ words, prefix }: { words: readonly string[]; prefix: string }): string[] {
  const all = [...words, prefix.trim()].filter(Boolean);
  const end = all.findIndex((word) => /^[|>;]|\)$/.test(word));
  if (end < 0) return all;
  return [
    ...all.slice(0, end),
    ...all
      .slice(end, end + 1)
      .filter((word) => word.endsWith(")"))
      .map((word) => word.slice(0, -1)),
  ];
}

describe.each(commands)("%s", (path, command) => {
  test("teaches with examples that the program understands", async () => {
    expect(command.examples?.length ?? 0).toBeGreaterThan(0);
    for (const call of (command.examples ?? []).flatMap(callsIn))
      expect(await readCommandLine(call, COMMANDS), call.join(" ")).toMatchObject({ kind: "run" });
  });

  test("uses itself in its first example", () => {
    expect(callsIn(command.examples![0]!)[0]!.join(" ")).toStartWith(path);
  });

  test("is explained the same by help and by --help", async () => {
    const { exit, stdout } = await run(["help", ...path.split(" ")]);
    expect(exit).toBe(0);
    expect(stdout).toStartWith(`usage: testflinger ${path} [-h]`);
    expect(stdout).toBe((await run([...path.split(" "), "--help"])).stdout);
  });
});

describe.each(Object.entries(TOPICS))("the topic %s", (name, { summary, text }) => {
  test("is explained, under the name that the program was called by", async () => {
    const { exit, stdout } = await run(["help", name], "testflinger-cli");
    expect(exit).toBe(0);
    expect(stdout).toStartWith(`testflinger-cli: ${summary}\n\n`);
    expect(stdout).not.toMatch(/\btestflinger [a-z]+ [-"$a-z]/);
  });

  test("fits a terminal", () => {
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  test("shows calls that the program understands", async () => {
    for (const line of text.split("\n").filter((one) => one.startsWith("  ") || one.includes("with: ")))
      for (const call of callsIn(line).filter((words) => Object.hasOwn(COMMANDS, words[0] ?? "")))
        expect(await readCommandLine(call, COMMANDS), line).toMatchObject({ kind: "run" });
  });
});

test("help alone explains the program", async () => {
  expect((await run(["help"])).stdout).toBe((await run(["--help"])).stdout);
});

test("help explains groups of commands", async () => {
  expect((await run(["help", "admin", "set"])).stdout).toStartWith("usage: testflinger admin set [-h] command ...");
});

test.each([
  [["nope"], "argument topic: invalid choice: 'nope' (choose from 'admin', "],
  [["constructor"], "argument topic: invalid choice: 'constructor' (choose from "],
  [["admin", "nope"], "argument topic: invalid choice: 'nope' (choose from 'set', 'get', 'delete')"],
  [["status", "job"], "argument topic: 'status' has no sub-command 'job'"],
])("help %j is a usage error", async (words, message) => {
  const { exit, stdout, stderr } = await run(["help", ...words]);
  expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
  expect(stderr).toContain(message);
});
