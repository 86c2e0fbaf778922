import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Context } from "../context.ts";
import { LoggedError } from "../errors.ts";
import { fileReason } from "../files/reason.ts";
import type { JsonObject } from "../format/json-value.ts";
import { parseJob } from "./parse.ts";

export interface JobFile {
  readonly job: JsonObject;
  /** Where the paths of its attachments begin. */
  readonly folder: string;
}

/**
 * Reads a job from a file, or from standard input for `-`.
 *
 * @throws {LoggedError} when the file cannot be read
 * @throws {CliError} when it holds no job
 */
export async function readJobFile(file: string, { cwd, io }: Pick<Context, "cwd" | "io">): Promise<JobFile> {
  if (file === "-") return { job: parseJob(decoded(await io.stdin.bytes()), "standard input"), folder: cwd };
  const path = resolve(cwd, file);
  return { job: parseJob(decoded(await contentOf(path, file)), file), folder: dirname(path) };
}

async function contentOf(path: string, file: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new LoggedError("submit", `Cannot read file ${file}: ${fileReason(error)}`, { cause: error });
  }
}

/** The text of UTF-8 bytes; what is not UTF-8 is left out, as the reference does. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes).replaceAll("\ufffd", "");
  }
}
