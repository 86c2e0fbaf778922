import { readFileSync } from "node:fs";
import { CliError } from "../errors.ts";
import { replaceFile } from "../files/atomic.ts";
import { fileReason } from "../files/reason.ts";
import { setValue, unsetValue, UnwritableSetting } from "./ini-edit.ts";
import { IniSyntaxError, parseIni } from "./ini.ts";
import { sectionValues } from "./ini-values.ts";

const SECTION = "testflinger-cli";

/**
 * The values of a configuration file, keys in lower case, in file order; none when there is no such file. Empty values
 * are included.
 *
 * @throws {CliError} naming file and line when the file is broken, or saying why it cannot be read
 */
export function readConfigFile(path: string): Map<string, string> {
  const text = textOf(path);
  return explained(path, () => sectionValues(parseIni(text), SECTION));
}

/**
 * Stores a value in a configuration file, which is created when there is none.
 *
 * @throws {CliError} when the file is broken or cannot be written, or the value cannot be kept in such a file
 */
export async function setInConfigFile(path: string, key: string, value: string): Promise<void> {
  const text = textOf(path);
  await write(
    path,
    explained(path, () => setValue(text, SECTION, key, value)),
  );
}

/**
 * Removes a value from a configuration file; false when it was not there.
 *
 * @throws {CliError} when the file is broken or cannot be written
 */
export async function unsetInConfigFile(path: string, key: string): Promise<boolean> {
  const text = textOf(path);
  const shorter = explained(path, () => unsetValue(text, SECTION, key));
  if (shorter === undefined) return false;
  await write(path, shorter);
  return true;
}

async function write(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text);
  } catch (error) {
    throw new CliError(`Cannot write configuration file ${path}: ${fileReason(error)}`, 1, { cause: error });
  }
}

/** Runs `work`, turning what is wrong with the file or the value into a message for the user. */
function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof IniSyntaxError) throw new CliError(`${path}:${error.line}: ${error.reason}`);
    if (error instanceof UnwritableSetting) throw new CliError(error.message);
    throw error;
  }
}

function textOf(path: string): string {
  try {
    // Editors on Windows put a byte order mark first.
    return readFileSync(path, "utf8").replace(/^\ufeff/, "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new CliError(`Cannot read configuration file ${path}: ${fileReason(error)}`, 1, { cause: error });
  }
}
