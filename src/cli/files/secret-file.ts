import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { fileReason } from "./reason.ts";

/**
 * A secret from a file, or from standard input for `-`: arguments can be seen by other users of the machine (W42). The
 * line end that editors put at the end is dropped.
 *
 * @throws {CliError} naming the file that cannot be read
 */
export async function readSecret(file: string, { cwd, io }: Pick<Context, "cwd" | "io">): Promise<string> {
  const text = file === "-" ? new TextDecoder().decode(await io.stdin.bytes()) : await contentOf(file, cwd);
  return text.replace(/\r?\n$/, "");
}

async function contentOf(file: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, file), "utf8");
  } catch (error) {
    throw new CliError(`Cannot read file ${file}: ${fileReason(error)}`, 1, { cause: error });
  }
}
