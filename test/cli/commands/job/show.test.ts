import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { main } from "../../../../src/cli/program.ts";
import { json, ScriptedServer, text } from "../../support/scripted-server.ts";
import { World } from "../../support/world.ts";

let world: World;
beforeEach(() => void (world = new World()));
afterEach(() => world[Symbol.dispose]());

/** Runs `testflinger show ID …` against a server that gives this answer. */
async function show(answer: Response, ...words: string[]): Promise<number> {
  using server = new ScriptedServer({ "GET /v1/job/id": answer });
  const env = { ...world.context.env, TESTFLINGER_SERVER: server.url };
  return await main(["show", "id", ...words], "testflinger", { ...world.context, env });
}

describe("show", () => {
  test("prints sorted JSON without losing a digit", async () => {
    expect(await show(text('{"b": 1.0, "a": {"9": 12345678901234567890, "10": "é"}}'))).toBe(0);
    expect(world.stdout).toBe(
      '{\n    "a": {\n        "10": "\\u00e9",\n        "9": 12345678901234567890\n    },\n    "b": 1.0\n}\n',
    );
  });

  test("prints YAML, and an empty line, with --yaml", async () => {
    expect(await show(json({ job_queue: "q", test_data: { test_cmds: "a\nb\n" } }), "--yaml")).toBe(0);
    expect(world.stdout).toBe("job_queue: q\ntest_data:\n    test_cmds: |\n        a\n        b\n\n");
  });

  test.each([
    ["204", text("", 204), "No data found for that job id.\n"],
    [
      "400",
      json({ message: "Invalid job_id" }, 400),
      "Invalid job id specified. Check the job id to be sure it is correct.\n",
    ],
    ["500", json({ message: "kaput" }, 500), "kaput\n"],
    ["502", text("bad gateway", 502), "bad gateway\n"],
    ["201", json({ message: "made" }, 201), "made\n"],
  ])("fails with the reason of a %s", async (_, answer, message) => {
    expect(await show(answer)).toBe(1);
    expect(world.stderr).toBe(message);
    expect(world.stdout).toBe("");
  });

  test("prints null for a page instead of a job, as scripts know it, and says why on stderr (W6)", async () => {
    expect(await show(text("<html>Maintenance</html>"))).toBe(0);
    expect(world.stdout).toBe("null\n");
    expect(world.stderr).toContain("Unexpected answer to GET /v1/job/id: <html>Maintenance</html>");
  });

  test("prints a null document when the server is down", async () => {
    const env = { ...world.context.env, TESTFLINGER_SERVER: "http://127.0.0.1:1" };
    expect(await main(["show", "--yaml", "id"], "testflinger", { ...world.context, env })).toBe(0);
    expect(world.stdout).toBe("null\n...\n\n");
    expect(world.stderr).toContain("Cannot reach 127.0.0.1:1");
  });
});
