import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { main } from "../../../../src/cli/program.ts";
import { json, ScriptedServer, text } from "../../support/scripted-server.ts";
import { World } from "../../support/world.ts";

let world: World;
beforeEach(() => void (world = new World()));
afterEach(() => world[Symbol.dispose]());

/** Runs `testflinger results ID` against a server that gives this answer. */
async function results(answer: Response): Promise<number> {
  using server = new ScriptedServer({ "GET /v1/result/id": answer });
  const env = { ...world.context.env, TESTFLINGER_SERVER: server.url };
  return await main(["results", "id"], "testflinger", { ...world.context, env });
}

describe("results", () => {
  test("prints sorted JSON in which nothing can control a terminal", async () => {
    expect(await results(json({ test_status: 0, test_output: "\u001b[2J\u009b\u202e" }))).toBe(0);
    expect(world.stdout).toBe('{\n    "test_output": "\\u001b[2J\\u009b\\u202e",\n    "test_status": 0\n}\n');
  });

  test.each([
    ["204", text("", 204), /^No results found for that job id\.\n$/],
    ["400", json({ message: "Invalid job id" }, 400), /^Invalid job id specified\. .+\n$/],
    ["404", json({ message: "x" }, 404), /^Invalid job id specified\. .+\n$/],
    ["500", json({ message: "x" }, 500), /^ERROR: .+ -- Unexpected error status from testflinger server: 500 x\n$/],
    ["page", text("<html>"), /^Unexpected answer to GET \/v1\/result\/id: <html>\n$/],
  ])("fails with one line for a %s", async (_, answer, message) => {
    expect(await results(answer)).toBe(1);
    expect(world.stderr).toMatch(message);
    expect(world.stdout).toBe("");
  });
});
