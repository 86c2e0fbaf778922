import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { departures } from "./run.ts";
import { type Mode, parseScript } from "./script.ts";

/** Stands for the program: says something on both streams, asks, and ends with 3. */
const PROGRAM = `#!/bin/sh
echo "hello $1"
echo "oh no" >&2
printf 'name? '
read name
echo "you are $name"
echo changed > file.txt
exit 3
`;

const RIGHT = `=== it
$ program world
? name? -> olga
| hello world
| name? you are {any}
! oh no
exit 3
-- after file.txt --
changed
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "acceptance-runner-"));
  writeFileSync(join(folder, "program"), PROGRAM);
  chmodSync(join(folder, "program"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

const run = (script: string, mode: Mode) => departures(parseScript(script)[0]!, mode, join(folder, "program"));

describe("the runner on a pipe", () => {
  test("is content when everything is as written", async () => expect(await run(RIGHT, "pipe")).toEqual([]));

  test.each([
    ["another exit status", RIGHT.replace("exit 3", "exit 0"), "exit status 3, not 0"],
    ["another output", RIGHT.replace("hello world", "hello"), "standard output is"],
    ["an anchor that is missing", RIGHT.replace("oh no", "oh dear"), "standard error lacks oh dear"],
    ["words on standard error that nobody expects", RIGHT.replace("! oh no\n", ""), "standard error is not empty"],
    ["a text that may not be", RIGHT.replace("exit 3", 'x "olga"\nexit 3'), '"olga" is shown'],
    ["a request that does not come", RIGHT.replace("$ ", "GET /x -> 204\n$ "), "missing request: GET /x"],
    ["a file with other content", RIGHT.replace("\nchanged\n", "\nunchanged\n"), "file.txt is"],
  ])("notices %s", async (_, script, problem) => {
    expect((await run(script, "pipe")).join("\n")).toContain(problem);
  });
});

describe("the runner on a terminal", () => {
  // What is typed is shown between the question and the answer.
  const script = RIGHT.replace("name? you are {any}", "name? olga\n| you are olga");

  test("is content when everything is as written", async () => expect(await run(script, "terminal")).toEqual([]));

  test.each([
    ["another exit status", script.replace("exit 3", "exit 0"), "exit status 3, not 0"],
    ["a line that is missing", script.replace("hello world", "goodbye"), "lacks the line goodbye"],
    [
      "lines in another order",
      script.replace(/(\| hello world\n)(\| name\? olga\n)/, "$2$1"),
      "lacks the line hello world",
    ],
    ["an anchor that is missing", script.replace("oh no", "oh dear"), "the terminal lacks oh dear"],
  ])("notices %s", async (_, wrong, problem) => {
    expect((await run(wrong, "terminal")).join("\n")).toContain(problem);
  });
});

test("a line without a meaning is named", () => {
  expect(() => parseScript("=== it\n$ program\nnonsense\n")).toThrow("it: what does this mean? nonsense");
});

test("a scenario that runs nothing is named", () =>
  expect(() => parseScript("=== it\n")).toThrow("it: nothing is run"));
