import { parseArgs } from "node:util";
import { runDemo } from "./demo/run.ts";

const HELP = `Usage: bun run demo [--yes] [--once]

Starts Testflinger with an identity provider and an agent, lets you log in, and runs a job.

  --yes    log in without you
  --once   end after the job
`;

/** 128 and the number of SIGINT, as shells count. */
const INTERRUPTED = 130;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { yes: { type: "boolean" }, once: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const stop = new AbortController();
  // A second Ctrl-C must not keep the first one from cleaning up.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());
  const { yes = false, once = false } = values;
  const over = await runDemo({ yes, once, env: process.env, signal: stop.signal });
  return over ? 0 : INTERRUPTED;
}

process.exit(
  await main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    return 1;
  }),
);
