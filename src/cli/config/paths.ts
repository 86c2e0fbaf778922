import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Context } from "../context.ts";

/**
 * Where the program keeps its files (command-line section 3.1): `XDG_CONFIG_HOME` when it is absolute, else
 * `~/.config`. The folder need not exist; whoever writes into it creates it.
 */
export function configHome({ XDG_CONFIG_HOME: configured, HOME: home }: Context["env"]): string {
  return configured && isAbsolute(configured) ? configured : join(home || homedir(), ".config");
}

/** Where the program keeps what it can do without (XDG base directories); whoever writes into it creates it. */
export function cacheFolder({ XDG_CACHE_HOME: configured, HOME: home }: Context["env"]): string {
  const folder = configured && isAbsolute(configured) ? configured : join(home || homedir(), ".cache");
  return join(folder, "testflinger");
}

/** The configuration file that is used without `--configfile`. */
export const configFileIn = (home: string): string => join(home, "testflinger-cli.conf");

/** The file of the submitted jobs. */
export const historyFileIn = (home: string): string => join(home, "testflinger-cli-history.json");
