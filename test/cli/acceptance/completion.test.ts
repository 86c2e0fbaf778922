import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliBinary } from "../../support/binaries.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "completion-"));
  mkdirSync(join(root, "bin"));
  mkdirSync(join(root, ".config"));
  for (const name of ["testflinger", "testflinger-cli"]) symlinkSync(cliBinary(), join(root, "bin", name));
  const entry = { queue: "q", submission_time: 1, job_state: "test" };
  writeFileSync(join(root, ".config/testflinger-cli-history.json"), JSON.stringify({ "2f1b": entry, "3a2c": entry }));
  writeFileSync(join(root, "my job.yaml"), "job_queue: q\n");
});
afterAll(() => rmSync(root, { recursive: true }));

async function shell(script: string, env: Record<string, string> = {}): Promise<{ exit: number; stdout: string }> {
  const child = Bun.spawn(["bash", "--norc", "-c", script], {
    cwd: root,
    env: { PATH: `${join(root, "bin")}:${process.env.PATH}`, HOME: root, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  return { stdout: await new Response(child.stdout).text(), exit: await child.exited };
}

describe("the script for Bash, with the program", () => {
  /** What Bash would offer at the end of a line. */
  const offered = async (line: string): Promise<string[]> => {
    const [program = ""] = line.split(" ");
    const { stdout } = await shell(
      `source <(testflinger completion bash)
       COMP_LINE=$LINE COMP_POINT=\${#LINE}
       _testflinger_complete ${program}
       printf '%s\\n' "\${COMPREPLY[@]}"`,
      { LINE: line },
    );
    return stdout.split("\n").filter(Boolean);
  };

  test.each([
    ["testflinger pol", ["poll", "poll-serial"]],
    ["testflinger-cli subm", ["submit "]],
    ["testflinger status 2", ["2f1b "]],
    ["testflinger poll --phase te", ["test "]],
    ["testflinger poll --phase=te", ["test "]],
    ["testflinger submit my", ["my\\ job.yaml "]],
    ["testflinger nope ", []],
  ])("offers for %j: %j", async (line, words) => expect(await offered(line)).toEqual(words));

  test("is registered for both names", async () => {
    const { stdout } = await shell("source <(testflinger completion bash); complete -p testflinger testflinger-cli");
    expect(stdout.match(/-F _testflinger_complete/g)).toHaveLength(2);
  });
});

describe("the protocol of argcomplete", () => {
  const asked = { _ARGCOMPLETE: "1", COMP_LINE: "testflinger admin set ", COMP_POINT: "22" };

  test("answers on descriptor 8, with vertical tabs between, and prints nothing", async () => {
    const { exit, stdout } = await shell("testflinger 8>&2 2>/dev/null", asked);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect((await shell("testflinger 8>&1 1>/dev/null", asked)).stdout.split("\v")).toEqual(
      expect.arrayContaining(["agent-status", "client-permissions"]),
    );
  });

  test("takes another separator", async () => {
    const { stdout } = await shell("testflinger 8>&1 1>/dev/null", { ...asked, _ARGCOMPLETE_IFS: "," });
    expect(stdout).toStartWith("agent-status,client-permissions");
  });

  test("fails without that descriptor, so that nothing is offered", async () => {
    expect(await shell("testflinger 8>&-", asked)).toEqual({ exit: 1, stdout: "" });
  });

  test("makes no request", async () => {
    let requests = 0;
    using server = Bun.serve({ port: 0, fetch: () => (requests++, new Response("{}")) });
    const env = { ...asked, COMP_LINE: "testflinger queue-status ", COMP_POINT: "25" };
    await shell("testflinger 8>&1 1>/dev/null", { ...env, TESTFLINGER_SERVER: server.url.origin });
    expect(requests).toBe(0);
  });
});
