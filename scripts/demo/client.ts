import type { Home } from "./home.ts";

/**
 * Runs the command-line client in the person's terminal, as they would.
 *
 * @throws Error when it does not end with status 0
 */
export async function runClient(home: Home, words: readonly string[], signal: AbortSignal): Promise<void> {
  console.log(`$ testflinger ${words.join(" ")}`);
  const child = Bun.spawn([home.cli, ...words], {
    cwd: home.path("jobs"),
    env: home.env,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
    signal,
  });
  const status = await child.exited;
  if (status !== 0) throw new Error(`testflinger ${words[0]} ended with status ${status}`);
}
