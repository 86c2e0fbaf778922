import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliBinary } from "../../support/binaries.ts";
import { PlayingServer } from "./server.ts";
import { parseScript } from "./script.ts";

const CTRL_C = "\u0003";

/** A job that goes on and on. */
const [SCENARIO] = parseScript(`=== a job that runs
GET /v1/job/j -> 200 {"job_queue": "q"}
GET /v1/result/j -> 200 {"job_state": "test"}
GET /v1/result/j/log/output?start_fragment=0 -> 200 {"output": {"test": {"last_fragment_number": 0, "log_data": "working\\n"}}}
GET /v1/result/j/log/output?start_fragment=1 -> 200 {"output": {}} (any times)
$ testflinger poll j
`);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "controlling-terminal-"));
});
afterEach(() => rmSync(home, { recursive: true }));

/** Runs a command on a terminal that controls it, and presses keys when their turn has come. */
async function run(command: string[], server: string, keys: { after: string; press: string }[]) {
  let screen = "";
  const closed = Promise.withResolvers<void>();
  const child = Bun.spawn(["setsid", "--ctty", "--wait", ...command], {
    env: { HOME: home, PATH: process.env.PATH, TERM: "xterm-256color", TESTFLINGER_SERVER: server },
    timeout: 30_000,
    terminal: {
      cols: 80,
      rows: 10,
      data: (terminal, chunk) => {
        screen += new TextDecoder().decode(chunk);
        if (keys[0] && screen.includes(keys[0].after)) terminal.write(keys.shift()!.press);
      },
      exit: () => closed.resolve(),
    },
  });
  const [exit] = await Promise.all([child.exited, closed.promise]);
  return { exit, screen };
}

/** The scenarios send a signal for Ctrl-C, because the terminals that Bun makes control no process. */
if (Bun.which("setsid"))
  describe("the key Ctrl-C", () => {
    test("asks about the job, and ends the program when it is pressed again", async () => {
      await using server = new PlayingServer();
      const url = await server.listen();
      server.play(SCENARIO!.exchanges);
      const { exit, screen } = await run([cliBinary(), "poll", "j"], url, [
        { after: "working", press: CTRL_C },
        { after: "(c)ontinue? ", press: CTRL_C },
      ]);
      expect(exit).toBe(1);
      expect(screen).toMatch(/working\r\n[^]*Cancel job j before exiting[^]*Received KeyboardInterrupt\r\n$/);
    }, 40_000);

    test("at a question for a secret leaves the terminal as it was, which shows again what is typed", async () => {
      const { screen } = await run(
        ["sh", "-c", `stty -a; "${cliBinary()}" secret write a; stty -a`],
        "http://127.0.0.1:1",
        [{ after: "(not shown): ", press: `hush${CTRL_C}` }],
      );
      const [before, after] = screen.split("Value of the secret (not shown): ");
      expect(after).toEndWith(`Received KeyboardInterrupt\r\n${before}`);
      expect(before).toContain(" echo ");
    }, 40_000);
  });
