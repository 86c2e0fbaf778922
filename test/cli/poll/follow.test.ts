import { describe, expect, test } from "bun:test";
import { main } from "../../../src/cli/program.ts";
import { json, ScriptedServer, type Script, text } from "../support/scripted-server.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import { World, type WorldOptions } from "../support/world.ts";

const ID = "2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11";
const LOG = `GET /v1/result/${ID}/log/output?start_fragment=`;
const output = (log_data: string, last_fragment_number: number, phase = "test") =>
  json({ output: { [phase]: { last_fragment_number, log_data } } });
const NOTHING = json({ output: { test: { last_fragment_number: -1, log_data: "" } } });
const RESULT = `GET /v1/result/${ID}`;
const known = { [`GET /v1/job/${ID}`]: json({ job_queue: "q" }) };

interface Run extends Disposable {
  readonly world: World;
  readonly server: ScriptedServer;
  readonly exit: Promise<number>;
}

function run(script: Script, words: string[], options: WorldOptions = {}): Run {
  const server = new ScriptedServer({ ...known, ...script });
  const world = new World({ ...options, env: { TESTFLINGER_SERVER: server.url, TZ: "UTC", ...options.env } });
  const exit = main(words, "testflinger", world.context);
  return {
    world,
    server,
    exit,
    [Symbol.dispose]() {
      world[Symbol.dispose]();
      server[Symbol.dispose]();
    },
  };
}

describe("poll into a pipe", () => {
  test("passes every byte of the device on", async () => {
    const log = "é \u001b[31mred\u001b[0m\u001b]0;title\u0007\r\n\tno end";
    using poll = run({ [RESULT]: json({ job_state: "complete" }), [`${LOG}0`]: output(log, 3) }, ["poll", ID]);
    expect(await poll.exit).toBe(0);
    expect(poll.world.stdout).toBe(log);
  });

  test("tells states, how long they lasted, and the place in the queue", async () => {
    using poll = run(
      {
        [RESULT]: [json({ job_state: "waiting" }), json({ job_state: "waiting" }), json({ job_state: "complete" })],
        [`${LOG}0`]: [NOTHING, output("out\n", 2)],
        [`GET /v1/job/${ID}/position`]: text("2"),
      },
      ["poll", ID],
    );
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toBe(
      "This job will be picked up after the current job and 2 job(s) ahead of it are complete\n" +
        "out\nState 'waiting' lasted 0 minutes 1 seconds\n",
    );
  });

  test("of one phase says on stderr how to go on", async () => {
    using poll = run(
      {
        [RESULT]: json({ job_state: "reserve", test_status: 0 }),
        [`${LOG}0&phase=test`]: output("done\n", 4),
      },
      ["poll", ID, "--phase", "test"],
    );
    expect(await poll.exit).toBe(0);
    expect(poll.world.stdout).toBe("done\n");
    expect(poll.world.stderr).toBe(
      `\nPhase 'test' completed with exit code: 0\nUse 'testflinger poll ${ID} --start_fragment 5' to see what follows.\n`,
    );
  });

  test.each<[string, Record<string, unknown>, string[], number]>([
    ["a job without a failed phase", { job_state: "complete", setup_status: 0, test_status: 0 }, [], 0],
    ["a job with a failed phase", { job_state: "complete", provision_status: 0, test_status: 7 }, [], 7],
    ["a job whose exit code no process can have", { job_state: "complete", test_status: 300 }, [], 1],
    ["a cancelled job", { job_state: "cancelled" }, [], 1],
    [
      "a phase that worked in a job that failed",
      { job_state: "complete", setup_status: 0, test_status: 7 },
      ["-p", "setup"],
      0,
    ],
  ])("with --exit-status ends for %s with that", async (_, result, phase, exit) => {
    const query = phase.length > 0 ? `&phase=${phase[1]}` : "";
    using poll = run({ [RESULT]: json(result), [`${LOG}0${query}`]: NOTHING }, ["poll", ID, "--exit-status", ...phase]);
    expect(await poll.exit).toBe(exit);
  });
});

describe("poll for programs", () => {
  const changing: Script = {
    [RESULT]: [json({ job_state: "waiting" }), json({ job_state: "waiting" }), json({ job_state: "complete" })],
    [`${LOG}0`]: [NOTHING, output("é \u001b[2Jout\n", 2)],
    [`GET /v1/job/${ID}/position`]: text("2"),
  };

  test.each([false, true])("with --events prints one JSON object per line (terminal: %p)", async (terminal) => {
    using poll = run(changing, ["poll", ID, "--events"], { terminal });
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toBe(
      '{"event": "state", "job_state": "waiting"}\n' +
        '{"event": "position", "jobs_ahead": 2}\n' +
        '{"event": "output", "text": "\\u00e9 \\u001b[2Jout\\n", "next_fragment": 3}\n' +
        '{"event": "state", "job_state": "complete"}\n',
    );
  });

  test("with --events tells that a phase has ended", async () => {
    const script = { [RESULT]: json({ job_state: "reserve", test_status: 7 }), [`${LOG}0&phase=test`]: output("x", 4) };
    using poll = run(script, ["poll", ID, "--events", "--phase", "test"]);
    expect(await poll.exit).toBe(0);
    expect(poll.world.stdout).toEndWith('{"event": "phase-ended", "phase": "test", "exit_code": 7}\n');
  });

  test("with --raw prints the log and not a word of its own (W28)", async () => {
    using poll = run(changing, ["poll", ID, "--raw"]);
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toBe("é \u001b[2Jout\n");
  });

  test("with --raw protects a terminal all the same, without a status line", async () => {
    using poll = run(changing, ["poll", ID, "--raw"], { terminal: true });
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toBe("é out\n");
  });

  test.each(["--events", "--raw"])("with %s asks nothing at Ctrl-C", async (option) => {
    const script = { [RESULT]: json({ job_state: "test" }), [`${LOG}0`]: output("one", 4), [`${LOG}5`]: NOTHING };
    using poll = run(script, ["poll", ID, option]);
    await poll.world.untilPrinted("one");
    poll.world.interrupt();
    expect(await poll.exit).toBe(1);
    expect(poll.world.stdout).not.toContain("Cancel");
    expect(poll.world.stderr).toBe("Received KeyboardInterrupt\n");
  });

  const twoPhases = { [`${LOG}0`]: json({ output: { setup: { last_fragment_number: 1, log_data: "a\nb\n" } } }) };

  test("prints the server's answer with --output yaml, and what is in it with --output table", async () => {
    using yaml = run(twoPhases, ["poll", ID, "--output", "yaml"]);
    await yaml.exit;
    expect(Bun.YAML.parse(yaml.world.stdout)).toEqual({
      output: { setup: { last_fragment_number: 1, log_data: "a\nb\n" } },
    });
    using table = run(twoPhases, ["poll", ID, "--output", "table"]);
    await table.exit;
    expect(table.world.stdout).toBe("PHASE  LAST FRAGMENT  LINES\nsetup  1              2\n");
  });

  test.each([["--events"], ["--raw"], ["--output=json"]])("refuses --oneshot together with %s", async (option) => {
    using poll = run({}, ["poll", ID, "--oneshot", option]);
    expect(await poll.exit).toBe(2);
    expect(poll.world.stderr).toContain(`argument ${option.split("=")[0]}: not allowed with argument -o/--oneshot`);
  });
});

describe("poll on a server with live logs", () => {
  const events = (...lines: string[]) =>
    new Response(lines.join(""), { headers: { "content-type": "text/event-stream" } });
  const state = (name: string) => `event: state\ndata: {"job_state":"${name}"}\n\n`;
  const fragment = (number: number, log_data: string) =>
    `id: ${number}\nevent: fragment\ndata: ${JSON.stringify({ fragment_number: number, phase: "test", log_data })}\n\n`;
  const STATE = `GET /v1/job/${ID}/state`;
  const STREAM = `GET /v1/result/${ID}/log/output/stream`;

  test("follows the stream and never asks for the whole logs", async () => {
    using poll = run(
      {
        [STATE]: json({ job_state: "test", phases: {}, position: null }),
        [STREAM]: events(
          state("test"),
          fragment(0, "one\n"),
          ": heartbeat\n\n",
          fragment(1, "two\n"),
          state("cleanup"),
          'event: end\ndata: {"job_state":"complete"}\n\n',
        ),
      },
      ["poll", ID],
    );
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toStartWith("one\ntwo\nState 'test' lasted");
    expect(poll.server.requests).toEqual([`GET /v1/job/${ID}`, STATE, STREAM]);
  });

  test("reads the log by timestamp where one is given, since a stream knows none", async () => {
    const query = "0&start_timestamp=2026-11-23T00%3A00%3A00";
    using poll = run(
      {
        [STATE]: [json({ job_state: "test" }), json({ job_state: "complete" })],
        [`${LOG}${query}`]: [output("a", 0)],
        [`${LOG}1${query.slice(1)}`]: NOTHING,
      },
      ["poll", ID, "-t", "2026-11-23"],
    );
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.server.requests.filter((request) => request.includes("stream"))).toEqual([]);
  });
});

describe("Ctrl-C while polling", () => {
  const running: Script = {
    [RESULT]: json({ job_state: "test" }),
    [`${LOG}0`]: output("one\n", 4),
    [`${LOG}5`]: NOTHING,
    [`POST /v1/job/${ID}/action`]: text("OK"),
  };

  /** Presses Ctrl-C once the first output is there. */
  async function interrupted(script: Script, options: WorldOptions) {
    const poll = run(script, ["poll", ID], options);
    await poll.world.untilPrinted("one\n");
    expect(poll.world.interrupt()).toBeTrue();
    return poll;
  }

  const PROMPT = `\nCancel job ${ID} before exiting (y)es/(N)o/(c)ontinue? `;

  test.each([["n"], [""], ["what?"]])("answered %p leaves the job alone and tells where to go on", async (answer) => {
    using poll = await interrupted(running, { input: [answer] });
    expect(await poll.exit).toBe(1);
    expect(poll.world.stdout).toBe(`one\n${PROMPT}\nNext fragment number: 5\n`);
    expect(poll.world.stderr).toBe("Received KeyboardInterrupt\n");
    expect(poll.server.requests.join()).not.toContain("action");
  });

  test("at the end of standard input leaves the job alone", async () => {
    using poll = await interrupted(running, { input: [] });
    expect(await poll.exit).toBe(1);
    expect(poll.world.stdout).toEndWith("\nNext fragment number: 5\n");
  });

  test.each(["y", "YES"])("answered %p cancels the job", async (answer) => {
    using poll = await interrupted(running, { input: [answer] });
    expect(await poll.exit).toBe(1);
    expect(poll.server.seen.at(-1)).toMatchObject({ method: "POST", body: '{"action": "cancel"}' });
    expect(poll.world.stdout).toEndWith("\nNext fragment number: 5\n");
  });

  test("answered y for a job that has ended says so", async () => {
    const ended = { [`POST /v1/job/${ID}/action`]: json({ message: "already completed" }, 400) };
    using poll = await interrupted({ ...running, ...ended }, { input: ["y"] });
    expect(await poll.exit).toBe(1);
    expect(poll.world.stderr).toContain("already complete/cancelled");
    expect(poll.world.stdout).not.toContain("Next fragment number");
  });

  test("answered c goes on at once, behind what was shown", async () => {
    const script = {
      ...running,
      [`${LOG}5`]: output("two\n", 6),
      [RESULT]: [json({ job_state: "test" }), json({ job_state: "complete" })],
    };
    using poll = await interrupted(script, { input: ["c"] });
    expect(await poll.world.clock.run(poll.exit)).toBe(0);
    expect(poll.world.stdout).toBe(`one\n${PROMPT}two\n`);
  });

  test("pressed again at the prompt ends without asking further", async () => {
    using poll = run(running, ["poll", ID], {});
    let ask = () => {};
    const asked = new Promise<void>((resolve) => (ask = resolve));
    poll.world.context.io.stdin.line = () => {
      ask();
      return new Promise(() => {});
    };
    await poll.world.untilPrinted("one\n");
    poll.world.interrupt();
    await asked;
    poll.world.interrupt();
    expect(await poll.exit).toBe(1);
    expect(poll.world.stderr).toBe("Received KeyboardInterrupt\n");
    expect(poll.world.stdout).not.toContain("Next fragment number");
  });

  test("before anything is shown asks nothing: the program just ends", async () => {
    const { promise: waiting, resolve: answer } = Promise.withResolvers<Response>();
    using poll = run({ [`GET /v1/job/${ID}`]: () => waiting }, ["poll", ID]);
    expect(poll.world.interrupt()).toBeFalse();
    answer(json({}));
    expect(await poll.exit).toBe(1);
  });

  test("on a terminal clears the status line for the prompt", async () => {
    using poll = await interrupted(running, { input: ["n"], terminal: true, columns: 120 });
    expect(await poll.exit).toBe(1);
    expect(screenAfter(poll.world.stdout, 120)).toEqual(["one", "", PROMPT.trim(), "Next fragment number: 5", ""]);
  });
});

describe("poll on a terminal", () => {
  const done = (log: string) => ({ [RESULT]: json({ job_state: "complete" }), [`${LOG}0`]: output(log, 0) });

  test("lets no escape sequence of the device through but colours", async () => {
    using poll = run(done("\u001b]52;c;ZXZpbA==\u0007\u001b[2Jsafe\n"), ["poll", ID], { terminal: true });
    await poll.exit;
    expect(poll.world.stdout).not.toContain("\u001b]");
    expect(screenAfter(poll.world.stdout)[0]).toBe("safe");
  });

  test("moves no cursor on a dumb one", async () => {
    using poll = run(done("\u001b[31mred\u001b[0m\r\nnext"), ["poll", ID], { terminal: true, env: { TERM: "dumb" } });
    await poll.exit;
    expect(poll.world.stdout).toBe("red\nnext");
  });

  test("cleans one-shot output too", async () => {
    using poll = run(done("\u001b[2Jsafe"), ["poll", "--oneshot", ID], { terminal: true });
    await poll.exit;
    expect(poll.world.stdout).toBe("safe\nLast Fragment Number: 0\n");
  });
});

describe("a job that cannot be followed", () => {
  test.each<[string, Script, string]>([
    ["unknown", { [`GET /v1/job/${ID}`]: new Response(null, { status: 204 }) }, "No data found for that job id."],
    ["malformed", { [`GET /v1/job/${ID}`]: json({ message: "x" }, 400) }, "Invalid job id specified."],
    ["empty", { [`GET /v1/job/${ID}`]: json({}) }, "Job details could not be fetched.\n"],
    ["a web page", { [`GET /v1/job/${ID}`]: text("<html>") }, "Job details could not be fetched.\n"],
  ])("because it is %s", async (_, script, message) => {
    using poll = run(script, ["poll", ID]);
    expect(await poll.exit).toBe(1);
    expect(poll.world.stderr).toStartWith(message);
    expect(poll.world.stdout).toBe("");
  });
});
