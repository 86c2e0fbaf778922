import { existsSync } from "node:fs";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";

const VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/**
 * The certificates that replace the built-in set, from the variables that the reference honours (cli section 4.1).
 *
 * @throws {CliError} when the variable names no file
 */
export function certificateAuthorities(env: Context["env"]): { ca: Bun.BunFile } | undefined {
  const name = VARIABLES.find((variable) => env[variable]);
  if (!name) return undefined;
  const file = env[name]!;
  if (!existsSync(file)) throw new CliError(`${name} names the file ${file}, which does not exist`);
  return { ca: Bun.file(file) };
}
