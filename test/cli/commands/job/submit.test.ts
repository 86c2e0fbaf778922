import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { unpackTar } from "modern-tar";
import { IDLE_TIMEOUT_MS } from "../../../../src/cli/api/transport.ts";
import { main } from "../../../../src/cli/program.ts";
import { type Fault, PartsServer } from "../../support/parts-server.ts";
import { json, type Script, ScriptedServer, text } from "../../support/scripted-server.ts";
import { World } from "../../support/world.ts";

const ID = "2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11";
const ONLINE = { "GET /v1/queues/q1/agents": json([{ name: "a1", state: "waiting" }]) };
const ACCEPTED = { ...ONLINE, "POST /v1/job": json({ job_id: ID }) };
const ATTACH = `POST /v1/job/${ID}/attachments`;
const CANCEL = `POST /v1/job/${ID}/action`;
const CANCELLED = `Job ${ID} submitted and cancelled: failed to submit attachments\n`;

let world: World;
let temporary: string;
beforeEach(() => enter(new World()));
afterEach(() => world[Symbol.dispose]());

/** Makes this the world in which the command runs, with two job files and an attachment. */
function enter(next: World) {
  world = next;
  temporary = join(world.home, "tmp");
  mkdirSync(temporary);
  file("job.yaml", "job_queue: q1\nx: no\n");
  file("data.txt", "hello\n");
  file("attach.yaml", "job_queue: q1\ntest_data:\n  attachments:\n    - local: data.txt\n");
}

function leaveFor(next: World) {
  world[Symbol.dispose]();
  enter(next);
}

const file = (name: string, content: string) => writeFileSync(join(world.home, name), content);

/** Runs `testflinger submit …` against a server; gives the exit status. */
async function submit(server: ScriptedServer, ...words: string[]): Promise<number> {
  const env = { ...world.context.env, TESTFLINGER_SERVER: server.url, TMPDIR: temporary };
  return main(["submit", ...words], "testflinger", { ...world.context, env });
}

const serving = (script: Script) => new ScriptedServer(script);
const posted = (server: ScriptedServer) =>
  JSON.parse(server.seen.find(({ target }) => target === "/v1/job")!.body) as unknown;
const history = () => {
  const path = join(world.home, ".config/testflinger-cli-history.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, { job_state: string }>) : {};
};

describe("submit", () => {
  test("posts the job and prints its id", async () => {
    using server = serving(ACCEPTED);
    expect(await submit(server, "job.yaml")).toBe(0);
    expect(world.stdout).toBe(`Job submitted successfully!\njob_id: ${ID}\n`);
    expect(world.stderr).toBe("");
    expect(server.calls).toEqual(["GET /v1/queues/q1/agents", "POST /v1/job"]);
    expect(posted(server)).toEqual({ job_queue: "q1", x: false });
    expect(history()).toMatchObject({ [ID]: { queue: "q1", job_state: "unknown" } });
  });

  test("prints only the id with --quiet", async () => {
    using server = serving(ACCEPTED);
    expect(await submit(server, "-q", "job.yaml")).toBe(0);
    expect(world.stdout).toBe(`${ID}\n`);
  });

  test("prints with --json what a program wants to know, and nothing else", async () => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("OK") });
    expect(await submit(server, "--json", "attach.yaml")).toBe(0);
    expect(JSON.parse(world.stdout)).toEqual({
      job_id: ID,
      queue: "q1",
      server: server.url,
      submitted_at: "2026-11-23T10:00:00.000Z",
      attachments: ["test/data.txt"],
    });
  });

  test.each(["--json", "--output=table"])("leaves standard output to the data with %s", async (option) => {
    const offline = { "GET /v1/queues/q1/agents": json([]), "POST /v1/job": json({ job_id: ID }) };
    using refusing = serving(offline);
    expect(await submit(refusing, option, "job.yaml")).toBe(1);
    expect(world.stdout).toBe("");
    expect(world.stderr).toContain("ERROR: No online agents available for queue q1.");
    using waiting = serving(offline);
    expect(await submit(waiting, option, "--wait", "job.yaml")).toBe(0);
    expect(world.stdout).toStartWith(option === "--json" ? "{" : `Job:       ${ID}\n`);
    expect(world.stderr).toContain("WARNING: No online agents available for queue q1.");
  });

  test.each([
    [["--json", "--poll"], "data and output of the job cannot be mixed"],
    [["--json", "--quiet"], "argument -q/--quiet: not allowed with argument --json"],
  ])("refuses %j", async (words, message) => {
    using server = serving(ACCEPTED);
    expect(await submit(server, ...words, "job.yaml")).toBe(2);
    expect(world.stderr).toContain(`testflinger submit: error: ${message}`);
    expect(server.requests).toEqual([]);
  });

  test("prints None when the server names no id, and notes nothing", async () => {
    using server = serving({ ...ONLINE, "POST /v1/job": json({}) });
    expect(await submit(server, "-q", "job.yaml")).toBe(0);
    expect(world.stdout).toBe("None\n");
    expect(history()).toEqual({});
  });

  test("shows no escape sequence that a server sends as id", async () => {
    using server = serving({ ...ONLINE, "POST /v1/job": json({ job_id: "\u001b[2Jx\n" }) });
    await submit(server, "-q", "job.yaml");
    expect(world.stdout).toBe("[2Jx\n");
  });

  test("asks nobody about a job file that is wrong", async () => {
    using server = serving(ACCEPTED);
    file("job.yaml", "job_queue: q1\nx: [1,\n");
    expect(await submit(server, "job.yaml")).toBe(1);
    expect(world.stderr).toMatch(/^job\.yaml:3:1: .+\n$/);
    expect(server.requests).toEqual([]);
  });

  test("logs a file that cannot be read", async () => {
    using server = serving(ACCEPTED);
    expect(await submit(server, "missing.yaml")).toBe(1);
    expect(world.stderr).toMatch(/^ERROR: .* -- Cannot read file missing\.yaml: /);
  });
});

describe("the answer to the job", () => {
  test.each([
    [
      "400",
      json({ message: "bad" }, 400),
      "bad data or bad formatting, or did not specify a job_queue.\nThe server says: bad\n",
    ],
    ["401", json({ message: "who?" }, 401), "Received 401 error from server with reason: who?\n"],
    ["401", json({ message: "who?" }, 401), 'run "testflinger login"'],
    [
      "403",
      json({ message: "no" }, 403),
      "Received 403 error from server with reason: no\nThe specified client credentials",
    ],
    ["422", json({ message: "no" }, 422), "Unexpected error status from testflinger server: [422] no\n"],
    ["500", text("oops", 500), "Unexpected error status from testflinger server: [500] oops\n"],
    ["201", json({ job_id: ID }, 201), "Unexpected error status from testflinger server: [201]"],
  ])("%s is told as failure", async (_, answer, message) => {
    using server = serving({ ...ONLINE, "POST /v1/job": answer });
    expect(await submit(server, "job.yaml")).toBe(1);
    expect(world.stderr).toContain(message);
    expect(world.stdout).toBe("");
    expect(history()).toEqual({});
  });
});

describe("without an available agent", () => {
  const nobody = [
    ["204", text("", 204)],
    ["no agents", json([])],
    ["only offline agents", json([{ name: "a1", state: "offline" }])],
    ["500", json({ message: "x" }, 500)],
  ] as const;

  test.each(nobody)("the answer %s refuses the job on stdout", async (_, answer) => {
    using server = serving({ ...ACCEPTED, "GET /v1/queues/q1/agents": answer });
    expect(await submit(server, "job.yaml")).toBe(1);
    expect(world.stdout).toMatch(
      /^ERROR: No online agents available for queue q1\. .*--wait-for-available-agents.*\n$/,
    );
    expect(server.requests).not.toContain("POST /v1/job");
  });

  test.each(nobody)("the answer %s warns on stdout and submits when told to wait", async (_, answer) => {
    using server = serving({ ...ACCEPTED, "GET /v1/queues/q1/agents": answer });
    expect(await submit(server, "--wait-for-available-agents", "job.yaml")).toBe(0);
    expect(world.stdout).toStartWith(
      "WARNING: No online agents available for queue q1.  Waiting for agents to become available...\n",
    );
  });

  test("keeps stdout to the id with --quiet (W18)", async () => {
    using server = serving({ ...ACCEPTED, "GET /v1/queues/q1/agents": json([]) });
    expect(await submit(server, "-q", "--wait", "job.yaml")).toBe(0);
    expect(world.stdout).toBe(`${ID}\n`);
    expect(world.stderr).toStartWith("WARNING: No online agents");
  });

  test("names the cause when the server could not tell (W19)", async () => {
    using server = serving({ "GET /v1/queues/q1/agents": json({ message: "broken" }, 500) });
    await submit(server, "job.yaml");
    expect(world.stderr).toContain("Cannot tell which agents of the queue are online: [500] broken");
  });

  test("prints the server's message about a queue that does not exist, even when told to wait", async () => {
    using server = serving({ "GET /v1/queues/q1/agents": json({ message: "Queue 'q1' does not exist." }, 404) });
    expect(await submit(server, "--wait", "job.yaml")).toBe(1);
    expect(world.stderr).toBe("Queue 'q1' does not exist.\n");
  });

  test("names the agents that the job itself excludes", async () => {
    const agents = [
      { name: "a1", state: "waiting" },
      { name: "a2", state: "test" },
      { name: "a3", state: "offline" },
    ];
    using server = serving({ "GET /v1/queues/q1/agents": json(agents) });
    file("job.yaml", "job_queue: q1\nexclude_agents: [a1, a2, a3]\n");
    expect(await submit(server, "job.yaml")).toBe(1);
    expect(world.stdout).toContain("have been excluded");
    expect(world.stdout).toEndWith("\t- a1\n\t- a2\n");
  });

  test("is content with one online agent that is not excluded", async () => {
    const agents = [
      { name: "a1", state: "maintenance" },
      { name: "a2", state: "waiting" },
    ];
    using server = serving({ ...ACCEPTED, "GET /v1/queues/q1/agents": json(agents) });
    file("job.yaml", "job_queue: q1\nexclude_agents: [a2]\n");
    expect(await submit(server, "job.yaml")).toBe(0);
  });
});

describe("attachments", () => {
  test("are uploaded in one archive after the job was posted, and nothing stays behind", async () => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("OK") });
    expect(await submit(server, "-q", "attach.yaml")).toBe(0);
    expect(server.calls).toEqual(["GET /v1/queues/q1/agents", "POST /v1/job", ATTACH]);
    expect(posted(server)).toEqual({ job_queue: "q1", test_data: { attachments: [{ agent: "data.txt" }] } });
    expect(server.seen.at(-1)!.body).toContain('name="file"; filename="attachments.tar.gz"');
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("are found relative to another folder when one is named", async () => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("OK") });
    mkdirSync(join(world.home, "base"));
    file("base/data.txt", "other");
    expect(await submit(server, "-q", "--attachments-relative-to", "base", "attach.yaml")).toBe(0);
  });

  test("that are missing stop everything before the job is posted", async () => {
    using server = serving(ACCEPTED);
    file("attach.yaml", "job_queue: q1\ntest_data: {attachments: [{local: gone}]}");
    expect(await submit(server, "attach.yaml")).toBe(1);
    expect(server.calls).toEqual(["GET /v1/queues/q1/agents"]);
    expect(world.stderr).toStartWith("Error: test_data.attachments[0]: cannot find gone");
  });

  test.each([
    [400, "bad\n" + CANCELLED],
    [413, `Unexpected error status from testflinger server (413): bad\n${CANCELLED}`],
    [500, `Unexpected error status from testflinger server (500): bad\n${CANCELLED}`],
  ])("refused with %d take the job with them (W22)", async (status, message) => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("bad", status), [CANCEL]: text("OK") });
    expect(await submit(server, "attach.yaml")).toBe(1);
    expect(server.calls.slice(2)).toEqual([ATTACH, CANCEL]);
    expect(world.stderr).toBe(message);
    expect(history()).toMatchObject({ [ID]: { job_state: "cancelled" } });
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("leave the name of a job that could not be cancelled either", async () => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("bad", 500), [CANCEL]: text("no", 500) });
    expect(await submit(server, "attach.yaml")).toBe(1);
    expect(world.stderr).toContain(`Job ${ID} submitted, but`);
    expect(world.stderr).toEndWith(`Cancel it with "testflinger cancel ${ID}".\n`);
  });

  /** Cuts the connection of the first uploads. */
  function failing(uploads: number): World["context"]["fetch"] {
    let left = uploads;
    return async (input, init) => {
      if (String(input).endsWith("/attachments") && left-- > 0)
        throw Object.assign(new TypeError("cut"), { code: "ECONNRESET" });
      return fetch(input, init);
    };
  }

  /** Makes uploads fail, and time pass where someone waits for the next try. */
  function breakUploads(uploads: number, settings: string) {
    leaveFor(new World({ fetch: failing(uploads) }));
    mkdirSync(join(world.home, ".config"));
    // The clock leaves timeouts of 15 s alone.
    file(".config/testflinger-cli.conf", `[testflinger-cli]\nattachments_timeout = 15\n${settings}`);
  }

  test("are tried again after a while when the connection breaks", async () => {
    using server = serving({ ...ACCEPTED, [ATTACH]: text("OK") });
    breakUploads(2, "");
    expect(await world.clock.run(submit(server, "-q", "attach.yaml"))).toBe(0);
    expect(world.stderr.match(/^ERROR: .* -- Attachments of job .* were not uploaded: .+$/gm)).toHaveLength(2);
    expect(world.clock.slept.filter((ms) => [10_000, 13_000].includes(ms))).toEqual([10_000, 13_000]);
  });

  test("that never arrive take the job with them", async () => {
    using server = serving({ ...ACCEPTED, [CANCEL]: text("OK") });
    breakUploads(99, "attachments_tries = 2\nattachments_retry_wait = 1\n");
    expect(await world.clock.run(submit(server, "attach.yaml"))).toBe(1);
    expect(world.stderr).toEndWith(CANCELLED);
    expect(server.calls.at(-1)).toBe(CANCEL);
    expect(world.clock.slept).toContain(1000);
  });

  describe("to a server that takes them in parts", () => {
    const BROKEN: Fault = { brokenAfter: 10 };

    /** Submits to a server that takes parts and where things go wrong, by the method of the request. */
    async function submitInParts(faults: Record<string, (Fault | undefined)[]>, settings: string) {
      const parts = new PartsServer(faults);
      using server = serving({ ...ACCEPTED, [CANCEL]: text("OK") });
      leaveFor(
        new World({
          terminal: true,
          fetch: (input, init) =>
            (/\/(attachments\/uploads.*|server)$/.test(String(input)) ? parts.fetch : fetch)(input, init),
        }),
      );
      mkdirSync(join(world.home, ".config"));
      // The clock leaves timeouts of 15 s alone.
      file(".config/testflinger-cli.conf", `[testflinger-cli]\nattachments_timeout = 15\n${settings}`);
      const status = await world.clock.run(submit(server, "-q", "attach.yaml"));
      return { status, parts, calls: server.calls };
    }

    test("go on where they were, however often, as long as there is progress", async () => {
      const { status, parts } = await submitInParts(
        { PATCH: [BROKEN, BROKEN, BROKEN, BROKEN] },
        "attachments_tries = 2\n",
      );
      expect(status).toBe(0);
      expect(parts.seen.slice(0, 4)).toEqual(["POST", "PATCH 0+10", "GET", "PATCH 10+10"]);
      expect(parts.upload!.complete).toBeTrue();
      expect(world.clock.slept.filter((ms) => ms >= 10_000 && ms !== 15_000)).toEqual([10_000, 10_000, 10_000, 10_000]);
      const packed = await unpackTar(Bun.gunzipSync(new Uint8Array(parts.upload!.content)));
      expect(packed.map(({ header }) => header.name)).toEqual(["test/data.txt"]);
    });

    test("take the job with them when there is none", async () => {
      const { status, calls } = await submitInParts(
        { PATCH: [{ status: 503 }, { status: 503 }, { status: 503 }] },
        "attachments_tries = 3\n",
      );
      expect(status).toBe(1);
      expect(world.stderr).toContain("Unexpected error status from testflinger server (503)");
      expect(world.stderr).toEndWith(CANCELLED);
      expect(calls.at(-1)).toBe(CANCEL);
    });

    test("take the job with them when Ctrl-C comes in the middle", async () => {
      const { status, calls } = await submitInParts({ PATCH: [{ meanwhile: () => world.interrupt() }] }, "");
      expect(status).toBe(1);
      expect(world.stderr).toEndWith(`Received KeyboardInterrupt\n${CANCELLED}`);
      expect(calls.at(-1)).toBe(CANCEL);
      expect(readdirSync(temporary)).toEqual([]);
    });

    test("are given up after a day, whatever progress there is", async () => {
      const { status, parts } = await submitInParts(
        { PATCH: Array.from({ length: 9 }, () => ({ brokenAfter: 1 })) },
        `attachments_retry_wait = ${11 * 3600}\n`,
      );
      expect(status).toBe(1);
      expect(parts.seen.filter((seen) => seen.startsWith("PATCH"))).toHaveLength(4);
      expect(world.stderr).toEndWith(CANCELLED);
    });
  });

  test("whose upload is interrupted take the job with them", async () => {
    using server = serving({
      ...ACCEPTED,
      [ATTACH]: () => {
        world.interrupt();
        return text("too late", 500);
      },
      [CANCEL]: text("OK"),
    });
    expect(await submit(server, "attach.yaml")).toBe(1);
    expect(world.stderr).toBe(`Received KeyboardInterrupt\n${CANCELLED}`);
    expect(server.calls.at(-1)).toBe(CANCEL);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test("arrive as they were", async () => {
    let archive: Uint8Array | undefined;
    const capturing: World["context"]["fetch"] = async (input, init) => {
      if (!String(input).endsWith("/attachments")) return fetch(input, init);
      const form = await new Response(init!.body as ReadableStream, { headers: init!.headers }).formData();
      archive = await (form.get("file") as File).bytes();
      return new Response("OK");
    };
    using server = serving(ACCEPTED);
    leaveFor(new World({ fetch: capturing }));
    expect(await submit(server, "-q", "attach.yaml")).toBe(0);
    const [member] = await unpackTar(Bun.gunzipSync(archive! as Uint8Array<ArrayBuffer>));
    expect(member!.header.name).toBe("test/data.txt");
    expect(new TextDecoder().decode(member!.data)).toBe("hello\n");
  });
});

describe("--poll", () => {
  const finished = {
    ...ACCEPTED,
    [`GET /v1/job/${ID}`]: json({ job_queue: "q1" }),
    [`GET /v1/result/${ID}`]: json({ job_state: "complete", test_status: 3 }),
    [`GET /v1/result/${ID}/log/output?start_fragment=0`]: json({
      output: { test: { last_fragment_number: 0, log_data: "hello\n" } },
    }),
  };

  test("shows the log after the id", async () => {
    using server = serving(finished);
    expect(await submit(server, "-qp", "job.yaml")).toBe(0);
    expect(world.stdout).toBe(`${ID}\nhello\n`);
  });

  test("ends with the exit code of the job when asked to", async () => {
    using server = serving(finished);
    expect(await submit(server, "-qp", "--exit-status", "job.yaml")).toBe(3);
  });
});

test("--exit-status without --poll is a usage error: nothing would wait for that status", async () => {
  using server = serving(ACCEPTED);
  expect(await submit(server, "--exit-status", "job.yaml")).toBe(2);
  expect(world.stderr).toContain("testflinger submit: error: --exit-status needs --poll");
  expect(server.requests).toEqual([]);
});

describe("--wait-timeout (W19)", () => {
  const AGENTS = "GET /v1/queues/q1/agents";
  const agent = (state: string, name = "a1") => json([{ name, state }]);
  const later = (...words: string[]) => ["--wait-timeout", "1m", "job.yaml", ...words] as const;
  const accepted = { "POST /v1/job": json({ job_id: ID }) };

  /** Like `submit`, on a clock that lets every pause pass at once, but not the time that is up in the end. */
  async function submitWithoutPauses(server: ScriptedServer, ...words: string[]): Promise<number> {
    const { clock } = world;
    const sleep: typeof clock.sleep = async (ms, signal) => {
      if (ms >= IDLE_TIMEOUT_MS) return clock.sleep(ms, signal);
      signal?.throwIfAborted();
    };
    const { now, elapsed } = clock;
    const env = { ...world.context.env, TESTFLINGER_SERVER: server.url };
    return main(["submit", ...words], "testflinger", { ...world.context, env, clock: { now, elapsed, sleep } });
  }

  test("submits the job as soon as an agent can take it", async () => {
    const answers = [text("", 204), agent("offline"), agent("maintenance"), json({}, 502), agent("test")];
    using server = serving({ ...accepted, [AGENTS]: answers });
    expect(await submitWithoutPauses(server, ...later("--quiet"))).toBe(0);
    expect({ stdout: world.stdout, stderr: world.stderr }).toEqual({ stdout: `${ID}\n`, stderr: "" });
    expect(server.calls).toEqual([...Array<string>(5).fill(AGENTS), "POST /v1/job"]);
  });

  test("fails with a status of its own when the time is up, and submits nothing", async () => {
    using server = serving({ ...accepted, [AGENTS]: agent("offline") });
    expect(await world.clock.run(submit(server, ...later()))).toBe(124);
    expect(world.stderr).toBe("No agent of queue q1 could take the job within 60 seconds; it was not submitted.\n");
    expect(server.calls).not.toContain("POST /v1/job");
  });

  test("does not count on agents that the job excludes", async () => {
    file("picky.yaml", "job_queue: q1\nexclude_agents: [a1]\n");
    using server = serving({ ...accepted, [AGENTS]: [agent("waiting"), agent("waiting", "a2")] });
    expect(await submitWithoutPauses(server, "--wait-timeout=1m", "picky.yaml")).toBe(0);
    expect(server.calls.filter((call) => call === AGENTS)).toHaveLength(2);
  });

  test("waits out a server in trouble, and says so", async () => {
    using server = serving({ ...accepted, [AGENTS]: [text("<html>", 502), text("<html>", 502), agent("waiting")] });
    expect(await submitWithoutPauses(server, ...later())).toBe(0);
    expect(world.stderr).toContain(" Error looking for agents: <html>\nTrying again until it works");
  });

  test("waits for no queue that does not exist", async () => {
    using server = serving({ [AGENTS]: json({ message: "Queue 'q1' does not exist." }, 404) });
    expect(await submitWithoutPauses(server, ...later())).toBe(1);
    expect(world.stderr).toBe("Queue 'q1' does not exist.\n");
  });

  test("ends at Ctrl-C without a job", async () => {
    const asked = Promise.withResolvers<void>();
    const nobody = () => {
      asked.resolve();
      return agent("offline");
    };
    using server = serving({ ...accepted, [AGENTS]: nobody });
    const exit = submit(server, ...later());
    await asked.promise;
    expect(world.interrupt()).toBeTrue();
    expect(await exit).toBe(1);
    expect(server.calls).not.toContain("POST /v1/job");
  });
});

describe("--dry-run", () => {
  test("shows how the file is read and what would be packed, and sends nothing", async () => {
    using server = serving(ACCEPTED);
    file("attach.yaml", "job_queue: q1\nglobal_timeout: 010\ntest_data: {attachments: [{local: data.txt}]}");
    expect(await submit(server, "--dry-run", "attach.yaml")).toBe(0);
    expect(JSON.parse(world.stdout)).toEqual({
      job_queue: "q1",
      global_timeout: 8,
      test_data: { attachments: [{ agent: "data.txt" }] },
    });
    expect(world.stderr).toBe(`test/data.txt: ${join(world.home, "data.txt")}\n`);
    expect(server.requests).toEqual([]);
  });

  test.each([
    ["json", '{\n  "job_queue": "q1",\n  "global_timeout": 1.0\n}\n'],
    ["yaml", "global_timeout: 1.0\njob_queue: q1\n"],
    ["table", "job_queue:      q1\nglobal_timeout: 1.0\n"],
  ])("shows the job as %s", async (format, shown) => {
    using server = serving(ACCEPTED);
    file("float.yaml", "job_queue: q1\nglobal_timeout: 1.0");
    expect(await submit(server, "--dry-run", "--output", format, "float.yaml")).toBe(0);
    expect(world.stdout).toBe(shown);
  });

  test("tells what the server would refuse, and what to do about it (W21)", async () => {
    using server = serving(ACCEPTED);
    file("wrong.yaml", "job_queue: q1\ntest_data: {test_cmd: ls}\ntags: nightly");
    expect(await submit(server, "--dry-run", "wrong.yaml")).toBe(1);
    expect(JSON.parse(world.stdout)).toEqual({ job_queue: "q1", test_data: { test_cmd: "ls" }, tags: "nightly" });
    expect(world.stderr).toBe(
      "Error: the server would refuse this job:\n" +
        '  tags must be a list, not "nightly": write "- " before each item\n' +
        "  test_data.test_cmd is unknown: did you mean test_cmds?\n",
    );
    expect(server.requests).toEqual([]);
  });
});

describe("as the snap", () => {
  test("refuses a job file in a folder that the snap replaces by its own", async () => {
    const env = { ...world.context.env, SNAP_NAME: "testflinger-cli" };
    const status = await main(["submit", "/tmp/job.yaml"], "testflinger", { ...world.context, env });
    expect(status).toBe(2);
    expect(world.stderr).toContain("error: File /tmp/job.yaml is in a snap-private directory.");
  });
});
