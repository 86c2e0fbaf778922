import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { completions } from "../../../src/cli/completion/answer.ts";
import { parseServerUrl } from "../../../src/cli/api/server-url.ts";
import { NameCache } from "../../../src/cli/completion/name-cache.ts";
import { SCRIPTS } from "../../../src/cli/completion/scripts.ts";
import { typedLine } from "../../../src/cli/completion/typed-line.ts";
import { World } from "../support/world.ts";

describe("a typed line is split like a shell splits it", () => {
  test.each<[string, string[], string]>([
    ["t poll ", ["t", "poll"], ""],
    ["t po", ["t"], "po"],
    ["t 'a b' \"c d\" e\\ f ", ["t", "a b", "c d", "e f"], ""],
    ["t '' x", ["t", ""], "x"],
    ["t 'a b", ["t"], "a b"],
    ['t "a\\"b', ["t"], 'a"b'],
  ])("%p", (text, words, prefix) => expect(typedLine(text)).toMatchObject({ words, prefix }));
});

interface Home {
  readonly files?: readonly string[];
  readonly folders?: readonly string[];
  readonly jobs?: readonly string[];
  readonly env?: Record<string, string>;
}

async function offered(line: string, { files = [], folders = [], jobs = [], env = {} }: Home = {}): Promise<string[]> {
  const bash = { COMP_LINE: line, COMP_POINT: String(Buffer.byteLength(line)), _ARGCOMPLETE_SUPPRESS_SPACE: "1" };
  using world = new World({ env: { ...bash, ...env } });
  for (const folder of folders) mkdirSync(join(world.home, folder));
  for (const file of files) writeFileSync(join(world.home, file), "");
  const history = jobs.map((id) => [id, { queue: "q", submission_time: 1, job_state: "test" }]);
  mkdirSync(join(world.home, ".config"), { recursive: true });
  writeFileSync(join(world.home, ".config/testflinger-cli-history.json"), JSON.stringify(Object.fromEntries(history)));
  return (await completions(world.context, COMMANDS)).split("\u000b").filter(Boolean);
}

describe("offered are", () => {
  test("every command and global option at the start", async () => {
    const all = await offered("testflinger ");
    expect(all).toEqual(expect.arrayContaining(["poll", "submit", "-c", "--configfile", "-h", "--help"]));
  });

  test("commands that begin as typed", async () =>
    expect(await offered("testflinger poll")).toEqual(["poll", "poll-serial"]));

  test("long options after hyphens", async () => {
    expect(await offered("testflinger poll --start")).toEqual(["--start_fragment", "--start_timestamp"]);
    expect(await offered("testflinger cancel -")).not.toContain("-h");
  });

  test("no option a second time, unless it collects", async () => {
    expect(await offered("testflinger agent-status --json --")).not.toContain("--json");
    expect(await offered("testflinger reserve --key lp:me --k")).toEqual(["--key"]);
  });

  test("the choices of a value", async () => {
    expect(await offered("testflinger poll -p t")).toEqual(["test"]);
    expect(await offered("testflinger poll --phase=t")).toEqual(["--phase=test"]);
    expect(await offered("testflinger completion ")).toEqual(expect.arrayContaining(["bash", "zsh", "fish"]));
  });

  test("sub-commands", async () => {
    expect(await offered("testflinger admin set ")).toEqual(
      expect.arrayContaining(["agent-status", "client-permissions"]),
    );
  });

  test("jobs submitted from here, oldest first", async () => {
    expect(await offered("testflinger status 2", { jobs: ["2b", "3c", "2a"] })).toEqual(["2b", "2a"]);
  });

  test("job files and folders to submit", async () => {
    const home = { files: ["a.yaml", "b.yml", "c.json", "d.txt", ".e.yaml"], folders: ["jobs"] };
    expect((await offered("testflinger submit ", home)).slice(0, 4)).toEqual(["a.yaml", "b.yml", "c.json", "jobs/"]);
  });

  test("files in a folder, below its name as typed", async () => {
    expect(await offered("testflinger -c jobs/", { folders: ["jobs"], files: ["jobs/x y.conf"] })).toEqual([
      "jobs/x\\ y.conf",
    ]);
  });

  test("nothing for a command that does not exist", async () => expect(await offered("testflinger nope ")).toEqual([]));
});

describe("names that the server told last", () => {
  const SERVER = "https://lab.example/base";
  const cached = async (line: string, env: Record<string, string> = { TESTFLINGER_SERVER: SERVER }) => {
    using cache = new World();
    const names = new NameCache({ XDG_CACHE_HOME: cache.home }, parseServerUrl(SERVER));
    await names.remember({ advertised: ["q1", "q2"], served: ["q2", "q3"], agents: ["a1", "a2"] });
    return await offered(line, { env: { XDG_CACHE_HOME: cache.home, ...env } });
  };

  test("are offered for queues and agents", async () => {
    expect((await cached("testflinger queue-status ")).slice(0, 3)).toEqual(["q1", "q2", "q3"]);
    expect(await cached("testflinger reserve -q q")).toEqual(["q1", "q2", "q3"]);
    expect((await cached("testflinger agent-status ")).slice(0, 2)).toEqual(["a1", "a2"]);
    expect(await cached("testflinger admin set agent-status --agents a1 a")).toEqual(["a1", "a2"]);
  });

  test("are those of the server that is asked", async () => {
    expect(await cached("testflinger queue-status q", { TESTFLINGER_SERVER: "https://lab.example" })).toEqual([]);
    expect(await cached(`testflinger --server ${SERVER} queue-status q`, {})).toEqual(["q1", "q2", "q3"]);
  });
});

test("every job of a command that takes many is completed", async () => {
  expect(await offered("testflinger cancel 2b 2", { jobs: ["2b", "3c", "2a"] })).toEqual(["2b", "2a"]);
});

describe("the form of the answer", () => {
  test("is counted in bytes", async () => {
    expect(await offered("testflinger -c ä.conf subm")).toEqual(["submit"]);
  });

  test("says what is what in zsh and fish", async () => {
    const zsh = await offered("testflinger whoa", { env: { _ARGCOMPLETE_SHELL: "zsh" } });
    expect(zsh).toEqual(["whoami:Show who is logged in"]);
    const fish = await offered("testflinger whoa", { env: { _ARGCOMPLETE_SHELL: "fish", _ARGCOMPLETE_DFS: "\t" } });
    expect(fish).toEqual(["whoami\tShow who is logged in"]);
  });

  test("keeps a colon of a name apart from the description in zsh", async () => {
    const env = { _ARGCOMPLETE_SHELL: "zsh" };
    expect(await offered("testflinger status 2", { env, jobs: ["2:b"] })).toEqual(["2\\:b:q, test"]);
  });

  test("a single answer gets a blank where the shell would not add one, but no folder does", async () => {
    const env = { _ARGCOMPLETE_SUPPRESS_SPACE: "0" };
    expect(await offered("testflinger subm", { env })).toEqual(["submit "]);
    expect(await offered("testflinger -c jo", { env, folders: ["jobs"] })).toEqual(["jobs/"]);
    expect(await offered("testflinger subm")).toEqual(["submit"]);
  });

  test("Bash gets only what stands behind its last word break", async () => {
    const env = { _ARGCOMPLETE_COMP_WORDBREAKS: " \t\n\"'><=;|&(:" };
    expect(await offered("testflinger poll --phase=te", { env })).toEqual(["test"]);
  });
});

test.each(Object.keys(SCRIPTS) as (keyof typeof SCRIPTS)[])(
  "the script for %s serves both names of the program",
  (shell) => {
    expect(SCRIPTS[shell]).toContain("testflinger-cli");
    expect(SCRIPTS[shell]).toContain("_ARGCOMPLETE");
  },
);
