import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cliBinary } from "../../support/binaries.ts";
import { PlayingServer } from "./server.ts";
import { parseScript } from "./script.ts";

const STATUS = "[test] Waiting on output...";

/** A job that goes on and on, without a word. */
const [SCENARIO] = parseScript(`=== a job that runs
GET /v1/job/j -> 200 {"job_queue": "q"}
GET /v1/result/j -> 200 {"job_state": "test"}
GET /v1/result/j/log/output?start_fragment=0 -> 200 {"output": {}} (any times)
$ testflinger poll j
`);

test("the status line is cut to the width of the terminal, also when that changes", async () => {
  await using server = new PlayingServer();
  const url = await server.listen();
  server.play(SCENARIO!.exchanges);
  const home = mkdtempSync(join(tmpdir(), "resize-"));
  let screen = "";
  const wide = Promise.withResolvers<void>();
  const narrow = Promise.withResolvers<void>();
  const child = Bun.spawn([cliBinary(), "poll", "j"], {
    env: { HOME: home, PATH: process.env.PATH, TERM: "xterm-256color", TESTFLINGER_SERVER: url },
    timeout: 30_000,
    terminal: {
      cols: 60,
      rows: 10,
      data: (_, chunk) => {
        screen += new TextDecoder().decode(chunk);
        if (screen.includes(STATUS)) wide.resolve();
        if (linesOf(screen).at(-1)?.length === 19) narrow.resolve();
      },
    },
  });
  try {
    await wide.promise;
    child.terminal!.resize(20, 10);
    await narrow.promise;
    expect(linesOf(screen).at(-1)).toMatch(/^\[\d\d:\d\d\] \[test\] Wait$/);
  } finally {
    child.kill();
    await child.exited;
    rmSync(home, { recursive: true });
  }
}, 40_000);

/** What was drawn, redraw by redraw. */
// oxlint-disable-next-line no-control-regex -- redrawing is done with control characters
const linesOf = (text: string): string[] => text.split(/\r(?:\u001b\[J)?/).filter(Boolean);
