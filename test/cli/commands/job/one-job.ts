import { main } from "../../../../src/cli/program.ts";
import { type Script, ScriptedServer } from "../../support/scripted-server.ts";
import { World, type WorldOptions } from "../../support/world.ts";

/** Runs one command line against a server that plays a script; time passes as soon as something waits for it. */
export async function runAgainst(script: Script, words: readonly string[], options: WorldOptions = {}) {
  using server = new ScriptedServer(script);
  using world = new World(options);
  const context = { ...world.context, env: { ...world.context.env, TESTFLINGER_SERVER: server.url } };
  const exit = await world.clock.run(main(words, "testflinger", context));
  return { exit, stdout: world.stdout, stderr: world.stderr, requests: server.requests };
}
