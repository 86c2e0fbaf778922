import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../../src/cli/program.ts";
import { json, type Script, ScriptedServer, text } from "../../support/scripted-server.ts";
import { World, type WorldOptions } from "../../support/world.ts";
import { runAgainst } from "./one-job.ts";

const cancel = (id: string) => `POST /v1/job/${id}/action`;

describe("cancel", () => {
  test("cancels several jobs without a word", async () => {
    const { exit, stdout, stderr, requests } = await runAgainst(
      { [cancel("a")]: text("OK"), [cancel("b")]: text("OK") },
      ["cancel", "a", "b"],
    );
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "", stderr: "" });
    expect(requests).toEqual([cancel("a"), cancel("b")]);
  });

  test("goes on behind a job that cannot be cancelled, and fails in the end", async () => {
    const { exit, stderr, requests } = await runAgainst(
      {
        [cancel("a")]: text("it is over", 400),
        [cancel("b")]: text("OK"),
        [cancel("c")]: json({ message: "no" }, 403),
      },
      ["cancel", "a", "b", "c"],
    );
    expect(exit).toBe(1);
    expect(stderr).toBe(
      "Job a is already complete/cancelled, or is not known to the server: it is over\nJob c was not cancelled: [403] no\n",
    );
    expect(requests).toHaveLength(3);
  });

  test("stops at a failure that would meet every other job too", async () => {
    const { exit, stderr, requests } = await runAgainst({ [cancel("a")]: text("<html>VPN</html>", 403) }, [
      "cancel",
      "a",
      "b",
    ]);
    expect(exit).toBe(1);
    expect(stderr).toStartWith("403 Forbidden Error");
    expect(requests).toEqual([cancel("a")]);
  });

  test.each([
    [[], "the following arguments are required: job_id"],
    [["--mine", "a"], "argument job_id: not allowed with argument --mine"],
    [["--yes", "a"], "--yes needs --mine"],
    [["--mine"], "--mine needs --yes where nobody can be asked"],
  ])("refuses the words %j", async (words, message) => {
    const { exit, stderr, requests } = await runAgainst({}, ["cancel", ...words]);
    expect({ exit, requests }).toEqual({ exit: 2, requests: [] });
    expect(stderr).toContain(`testflinger cancel: error: ${message}`);
  });
});

describe("cancel --mine", () => {
  const entry = (job_state: string, queue = "q") => ({ queue, submission_time: 1, job_state });
  const state = (id: string) => `GET /v1/job/${id}/state`;
  const submitted = {
    over: entry("complete"),
    one: entry("unknown"),
    two: entry("test", "other-queue"),
    ended: entry("waiting"),
    foreign: entry("waiting"),
  };
  const script: Script = {
    [state("one")]: json({ job_state: "waiting" }),
    [state("two")]: json({ job_state: "test" }),
    [state("ended")]: json({ job_state: "cancelled" }),
    [state("foreign")]: text("", 204),
    [cancel("one")]: text("OK"),
    [cancel("two")]: text("OK"),
  };
  const cancelled = (requests: readonly string[]) => requests.filter((request) => request.startsWith("POST"));

  async function cancelMine(words: readonly string[], options: WorldOptions = {}, answers: Script = script) {
    using server = new ScriptedServer(answers);
    using world = new World({ ...options, env: { TESTFLINGER_SERVER: server.url } });
    mkdirSync(join(world.home, ".config"));
    const file = join(world.home, ".config/testflinger-cli-history.json");
    writeFileSync(file, JSON.stringify(submitted));
    const exit = await world.clock.run(main(["cancel", "--mine", ...words], "testflinger", world.context));
    const history = JSON.parse(readFileSync(file, "utf8")) as typeof submitted;
    const states = Object.fromEntries(Object.entries(history).map(([id, { job_state }]) => [id, job_state]));
    return { exit, stdout: world.stdout, stderr: world.stderr, posts: cancelled(server.requests), states };
  }

  test("with --yes cancels the jobs of the history that have not ended, and prints their ids", async () => {
    const { exit, stdout, stderr, posts, states } = await cancelMine(["--yes"]);
    expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: "one\ntwo\n", stderr: "" });
    expect(posts).toEqual([cancel("one"), cancel("two")]);
    expect(states).toEqual({
      over: "complete",
      one: "cancelled",
      two: "cancelled",
      ended: "cancelled",
      foreign: "waiting",
    });
  });

  const QUESTION = "one  waiting  q\ntwo  test  other-queue\nCancel these 2 jobs? (y/N) ";

  test.each(["y", "YES"])("on a terminal shows the jobs and cancels them when answered %p", async (answer) => {
    const { exit, stdout, posts } = await cancelMine([], { terminal: true, input: [answer] });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: QUESTION });
    expect(posts).toEqual([cancel("one"), cancel("two")]);
  });

  test.each([[["n"]], [[""]], [["yes please"]], [[]]])("cancels nothing when answered %j", async (input) => {
    const { exit, stdout, stderr, posts } = await cancelMine([], { terminal: true, input });
    expect({ exit, stderr, posts }).toEqual({ exit: 1, stderr: "Nothing was cancelled.\n", posts: [] });
    expect(stdout).toBe(input.length === 0 ? `${QUESTION}\n` : QUESTION);
  });

  test("asks nothing when there is nothing to cancel", async () => {
    const over = Object.fromEntries(["one", "two", "ended"].map((id) => [state(id), json({ job_state: "complete" })]));
    const { exit, stdout, stderr } = await cancelMine([], { terminal: true }, { ...script, ...over });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: "" });
    expect(stderr).toBe("None of the jobs submitted from here can be cancelled.\n");
  });

  test("goes on behind a job that ends meanwhile, and fails in the end", async () => {
    const { exit, stdout, stderr } = await cancelMine(["-y"], {}, { ...script, [cancel("one")]: text("over", 400) });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "two\n" });
    expect(stderr).toStartWith("Job one is already complete/cancelled");
  });

  test("cancels nothing when the server cannot tell the states", async () => {
    const { exit, posts } = await cancelMine(["-y"], {}, { ...script, [state("two")]: json({ message: "x" }, 500) });
    expect({ exit, posts }).toEqual({ exit: 1, posts: [] });
  });
});
