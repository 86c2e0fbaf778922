import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ServerUrl } from "../api/server-url.ts";
import { cacheFolder } from "../config/paths.ts";
import type { Context } from "../context.ts";
import { replaceFile } from "../files/atomic.ts";
import type { Session } from "../session.ts";

/** Names that completion offers although it never asks a server. */
export interface Names {
  /** Queues with a description. */
  readonly advertised: readonly string[];
  /** Queues that agents listen on. */
  readonly served: readonly string[];
  readonly agents: readonly string[];
}

const NO_NAMES: Names = { advertised: [], served: [], agents: [] };

/** More than this nobody reads in a shell. */
const MOST_NAMES = 5_000;

/**
 * Completion puts names into a command line that the person then runs: one with blanks, quotes, `$` or a leading hyphen,
 * chosen by whoever runs an agent, could become a command of its own.
 */
const SAFE_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@:+-]{0,199}$/;

/** The names that a server told last, in a file below the user's cache folder (XDG base directories). */
export class NameCache {
  readonly #path: string;

  constructor(env: Context["env"], { base }: ServerUrl) {
    this.#path = join(cacheFolder(env), `names-${base.replace(/[^A-Za-z0-9]+/g, "_")}.json`);
  }

  /** Nothing when there is no file, or a broken one. */
  async read(): Promise<Names> {
    try {
      const { advertised, served, agents } = JSON.parse(await readFile(this.#path, "utf8")) as Partial<Names>;
      return { advertised: safe(advertised), served: safe(served), agents: safe(agents) };
    } catch {
      return NO_NAMES;
    }
  }

  /**
   * Replaces the names of the kinds that are given; writes only when something changed.
   * @throws the file system's error
   */
  async remember(names: Partial<Names>): Promise<void> {
    const before = await this.read();
    const after: Names = {
      advertised: safe(names.advertised ?? before.advertised),
      served: safe(names.served ?? before.served),
      agents: safe(names.agents ?? before.agents),
    };
    if (JSON.stringify(after) !== JSON.stringify(before)) await replaceFile(this.#path, JSON.stringify(after));
  }
}

/** Keeps names that a server has told for completion. Failing to is no reason to bother anybody. */
export async function rememberNames(names: Partial<Names>, { api, context, log }: Session): Promise<void> {
  try {
    await new NameCache(context.env, api.server).remember(names);
  } catch (error) {
    log.debug("completion", `Cannot remember names for completion: ${(error as Error).message}`);
  }
}

function safe(names: unknown): string[] {
  const texts = Array.isArray(names) ? names.filter((name): name is string => typeof name === "string") : [];
  return [...new Set(texts.filter((name) => SAFE_NAME.test(name)))].sort().slice(0, MOST_NAMES);
}
