import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cliBinary } from "../../../support/binaries.ts";
import { installedShells } from "../../../support/shells.ts";
import { TAB, Typist, ways } from "./typist.ts";

const HISTORY = {
  "2f1b": { queue: "q", submission_time: 1, job_state: "test" },
  "3a2c": { queue: "q", submission_time: 2, job_state: "complete" },
};

/** What is in the home folder of whoever types. */
const FILES: Readonly<Record<string, string>> = {
  ".config/testflinger-cli-history.json": JSON.stringify(HISTORY),
  ".cache/testflinger/names-https_testflinger_canonical_com.json": JSON.stringify({
    advertised: ["rpi:4", "x86"],
    served: ["x87"],
    agents: ["lab-1", "lab-2", "other"],
  }),
  ".cache/testflinger/names-https_lab_example.json": JSON.stringify({ advertised: ["lab-queue"] }),
  "my job.yaml": "job_queue: q\n",
  "no:job.txt": "",
  "a:b.yaml": "job_queue: q\n",
  "it's.json": "{}",
  "other.conf": "",
  "folder/deep.yaml": "",
};

/** What is typed before the Tab key, and the line as it stands then. */
const COMPLETED: readonly (readonly [typed: string, line: string])[] = [
  ["testflinger-cli subm", "testflinger-cli submit "],
  ["testflinger subm", "testflinger submit "],
  ["testflinger-cli secret wr", "testflinger-cli secret write "],
  ["testflinger admin set ag", "testflinger admin set agent-status "],
  ["testflinger --serv", "testflinger --server "],
  ["testflinger help exit", "testflinger help exit-status "],
  // Jobs submitted from here.
  ["testflinger status 2", "testflinger status 2f1b "],
  ["testflinger cancel 2f1b 3", "testflinger cancel 2f1b 3a2c "],
  // Options, also behind positionals.
  ["testflinger poll 2f1b --ph", "testflinger poll 2f1b --phase "],
  ["testflinger poll 2f1b --phase te", "testflinger poll 2f1b --phase test "],
  ["testflinger poll --phase=te", "testflinger poll --phase=test "],
  ["testflinger queue-status x86 --verb", "testflinger queue-status x86 --verbose "],
  // Names that the server has told.
  ["testflinger queue-status rp", "testflinger queue-status rpi:4 "],
  ["testflinger queue-status rpi:", "testflinger queue-status rpi:4 "],
  ["testflinger reserve --queue=rpi:", "testflinger reserve --queue=rpi:4 "],
  ["testflinger reserve -q x87", "testflinger reserve -q x87 "],
  ["testflinger agent-status oth", "testflinger agent-status other "],
  ["testflinger admin set agent-status --agents lab-1 oth", "testflinger admin set agent-status --agents lab-1 other "],
  [
    "testflinger-cli --server https://lab.example queue-status la",
    "testflinger-cli --server https://lab.example queue-status lab-queue ",
  ],
  // Files.
  ["testflinger submit my", "testflinger submit my\\ job.yaml "],
  ["testflinger submit 'my", "testflinger submit 'my job.yaml' "],
  ['testflinger submit "my', 'testflinger submit "my job.yaml" '],
  ["testflinger submit my\\ j", "testflinger submit my\\ job.yaml "],
  ["testflinger submit a", "testflinger submit a:b.yaml "],
  ["testflinger submit a:", "testflinger submit a:b.yaml "],
  ["testflinger submit it", "testflinger submit it\\'s.json "],
  ["testflinger submit fold", "testflinger submit folder/"],
  ["testflinger submit folder/d", "testflinger submit folder/deep.yaml "],
  ["testflinger submit --attachments-relative-to fo", "testflinger submit --attachments-relative-to folder/"],
  ["testflinger -c oth", "testflinger -c other.conf "],
  // Beyond what the program knows, the shell's own.
  ["testflinger nope oth", "testflinger nope other.conf "],
];

/** What is typed before the Tab key, and what is shown to choose from. */
const LISTED: readonly (readonly [typed: string, choices: readonly string[]])[] = [
  ["testflinger poll", ["poll", "poll-serial"]],
  ["testflinger reserve -q x8", ["x86", "x87"]],
  ["testflinger agent-status lab-", ["lab-1", "lab-2"]],
  ["testflinger poll --start_", ["--start_fragment", "--start_timestamp"]],
];

const cases = installedShells().flatMap((shell) => ways(shell).map((way) => [shell, way] as const));

describe.each(cases)("%s, with the script %s", (shell, way) => {
  let home: string;
  let typist: Typist;
  beforeAll(async () => {
    home = realpathSync(mkdtempSync(join(tmpdir(), `completion-${shell}-`)));
    const programs = join(home, ".programs");
    mkdirSync(programs);
    for (const name of ["testflinger", "testflinger-cli"]) symlinkSync(cliBinary(), join(programs, name));
    for (const [name, text] of Object.entries(FILES)) {
      mkdirSync(dirname(join(home, name)), { recursive: true });
      writeFileSync(join(home, name), text);
    }
    typist = await Typist.at(shell, way, home, `${programs}:${process.env.PATH}`);
  });
  afterAll(async () => {
    await typist[Symbol.asyncDispose]();
    rmSync(home, { recursive: true });
  });

  test.each(COMPLETED)("completes %j to %j", async (typed, line) => {
    expect((await typist.type(typed + TAB)).line).toBe(line);
  });

  test.each(LISTED)("shows for %j: %j", async (typed, choices) => {
    const { line, shown } = await typist.type(typed + TAB);
    expect(line).toBe(typed);
    for (const choice of choices) expect(shown).toContain(choice);
  });

  // Bash has no place for descriptions.
  if (shell !== "bash")
    test("tells what is what", async () => {
      const { shown } = await typist.type(`testflinger poll${TAB}`);
      expect(shown).toContain("Show the serial log of a job as it runs");
    });
});
