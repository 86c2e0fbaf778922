import { expect, test } from "bun:test";
import { main } from "../../../src/cli/program.ts";
import { World } from "../support/world.ts";

/** A server that knows nobody, and has no way to log in. */
const unauthorized = async (input: string | URL) =>
  /oidc|v1\/server/.test(String(input))
    ? new Response("not found", { status: 404 })
    : Response.json({ message: "who are you?" }, { status: 401 });

test.each([
  [["show", "j"], 1],
  [["results", "j"], 1],
  [["status", "j"], 0],
  [["status", "j", "--json"], 1],
  [["poll", "j"], 1],
  [["wait", "j"], 1],
  [["cancel", "j"], 1],
  [["search"], 1],
  [["artifacts", "j"], 1],
  [["list-agents"], 1],
  [["agent-status", "a"], 1],
  [["queue-status", "q"], 1],
])("%j says what to do about a 401, under the name that the program was called by (W47)", async (words, status) => {
  using world = new World({ fetch: unauthorized, env: { TESTFLINGER_SERVER: "http://127.0.0.1:1" } });
  expect(await world.clock.run(main(words, "testflinger-cli", world.context))).toBe(status);
  expect(world.stderr).toEndWith(
    'If this needs a login: run "testflinger-cli login", or set client_id and secret_key with "testflinger-cli config".\n',
  );
});
