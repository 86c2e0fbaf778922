import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { type Command, type Entry, isGroup } from "../../../src/cli/grammar/command.ts";
import { namedArguments } from "../../../src/cli/grammar/option-table.ts";
import { load } from "../../conformance/cli/replay.ts";
import type { Mode } from "./script.ts";
import { allScripts } from "./scripts.ts";

const scenarios = allScripts().flatMap((script) => script.scenarios);

interface Row {
  readonly text: string;
  readonly modes: readonly Mode[];
}

/** What `rows.txt` says can come of a command line. */
const rows: Row[] = readFileSync(join(import.meta.dir, "rows.txt"), "utf8")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => {
    const [, text = "", mode] = /^(.*?)(?: \((pipe|terminal)\))?$/.exec(line) ?? [];
    return { text, modes: mode ? [mode as Mode] : ["pipe", "terminal"] };
  });

describe("the rows of the specification", () => {
  test("are each proved by a scenario, on a pipe and on a terminal", () => {
    const lacking = rows.flatMap(({ text, modes }) => {
      const proofs = scenarios.filter((scenario) => scenario.rows.includes(text));
      return modes
        .filter((mode) => !proofs.some((proof) => proof.modes.includes(mode)))
        .map((mode) => `${text} (${mode})`);
    });
    expect(lacking).toEqual([]);
  });

  test("are all that scenarios name", () => {
    const known = new Set(rows.map(({ text }) => text));
    expect(scenarios.flatMap((scenario) => scenario.rows).filter((row) => !known.has(row))).toEqual([]);
  });

  test("are each written once", () => expect(new Set(rows.map(({ text }) => text)).size).toBe(rows.length));
});

describe("the commands of the program", async () => {
  const leaves = await leavesOf(COMMANDS);
  const runs = (path: readonly string[], succeeds: boolean) =>
    scenarios.some(({ command, exit }) => startsWith(afterProgramOptions(command), path) && (exit === 0) === succeeds);

  test.each(leaves)("%s works in a scenario", (_, { path }) => expect(runs(path, true)).toBeTrue());

  test.each(leaves.filter(([name]) => !CANNOT_FAIL.includes(name)))("%s fails in a scenario", (_, { path }) =>
    expect(runs(path, false)).toBeTrue(),
  );
});

describe("the options of the program", async () => {
  const options = (await leavesOf(COMMANDS)).flatMap(([name, { path, command }]) =>
    namedArguments(command.args)
      .filter(({ key }) => key !== "help")
      .map(({ names }) => [`${name} ${names.at(-1)}`, { path, names }] as const),
  );

  test.each(options)("%s is given in a scenario", (_, { path, names }) => {
    const given = scenarios
      .map(({ command }) => afterProgramOptions(command))
      .filter((words) => startsWith(words, path))
      .flatMap((words) => words.slice(path.length));
    expect(given.some((word) => names.some((name) => spells(word, name)))).toBeTrue();
  });
});

/** Is a word an option, alone, with its value, or in a cluster? */
const spells = (word: string, name: string): boolean =>
  word === name || word.startsWith(`${name}=`) || (name.length === 2 && /^-\w+/.test(word) && word.includes(name[1]!));

/** Commands whose only failures are those of the command line itself. */
const CANNOT_FAIL = ["version"];

type Leaf = readonly [name: string, { readonly path: readonly string[]; readonly command: Command }];

async function leavesOf(entries: Readonly<Record<string, Entry>>, above: readonly string[] = []): Promise<Leaf[]> {
  const found = Object.entries(entries).map(async ([name, entry]): Promise<Leaf[]> => {
    const path = [...above, name];
    const { default: node } = await entry.load();
    return isGroup(node) ? leavesOf(node.subCommands, path) : [[path.join(" "), { path, command: node }]];
  });
  return (await Promise.all(found)).flat();
}

/** The words from the command on; the program's options take a value or none. */
function afterProgramOptions([, ...words]: readonly string[]): readonly string[] {
  const at = words.findIndex((word, i) => !word.startsWith("-") && !["--server", "-c"].includes(words[i - 1] ?? ""));
  return at < 0 ? [] : words.slice(at);
}

const startsWith = (words: readonly string[], start: readonly string[]) => start.every((word, i) => words[i] === word);

test("every weak point of the reference that was recorded is done better by a scenario", () => {
  const weakPoints = Array.from(load(), ([topic, cases]) =>
    cases.filter(({ weakPoint }) => weakPoint).map(({ name }) => `${topic}: ${name}`),
  ).flat();
  const better = scenarios.flatMap(({ insteadOf }) => insteadOf ?? []);
  expect(better.toSorted()).toEqual(weakPoints.toSorted());
});
