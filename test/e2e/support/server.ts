import { serverBinary } from "../../support/binaries.ts";
import type { Outcome } from "./client.ts";

/** Runs the compiled server to its end: with a command, or with settings that do not let it start. */
export async function runServer(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd?: string,
): Promise<Outcome> {
  const child = Bun.spawn([serverBinary(), ...words], { cwd, env, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status, stdout, stderr };
}
