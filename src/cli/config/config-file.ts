import { readFileSync } from "node:fs";
import type { Clock } from "../context.ts";
import { CliError } from "../errors.ts";
import { replaceFile } from "../files/atomic.ts";
import { withLock } from "../files/lock.ts";
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
  return inFile(path, () => sectionValues(parseIni(textOf(path)), SECTION));
}

/**
 * Stores a value in a configuration file, which is created when there is none.
 *
 * @throws {CliError} when the file is broken or cannot be written, or the value cannot be kept in such a file
 */
export function setInConfigFile(path: string, key: string, value: string, clock: Clock): Promise<void> {
  return changing(path, clock, () => replaceFile(path, setValue(textOf(path), SECTION, key, value)));
}

/**
 * Removes a value from a configuration file; false when it was not there.
 *
 * @throws {CliError} when the file is broken or cannot be written
 */
export function unsetInConfigFile(path: string, key: string, clock: Clock): Promise<boolean> {
  return changing(path, clock, async () => {
    const text = unsetValue(textOf(path), SECTION, key);
    if (text === undefined) return false;
    await replaceFile(path, text);
    return true;
  });
}

/** Reads, changes and writes while no other process does. */
async function changing<T>(path: string, clock: Clock, change: () => Promise<T>): Promise<T> {
  try {
    return await withLock(path, async () => inFile(path, change), { clock });
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError(`Cannot write configuration file ${path}: ${(error as Error).message}`, 1, { cause: error });
  }
}

function inFile<T>(path: string, work: () => T): T {
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
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new CliError(`Cannot read configuration file ${path}: ${message}`, 1, { cause: error });
  }
}
