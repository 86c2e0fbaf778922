import { realpathSync } from "node:fs";
import { dirname, join, resolve, sep } from "node:path";
import type { Context } from "../context.ts";
import { CliError, UsageError } from "../errors.ts";

/** The snap that confines this program; outside it every path is reachable. */
const SNAP_NAME = "testflinger-cli";

/**
 * Refuses a file named on the command line that the snap's confinement would replace by a private one: its `/tmp` is not
 * the user's (command-line section 7.6).
 *
 * @throws {UsageError}
 */
export function refuseSnapPrivate(path: string, { cwd, env }: Pick<Context, "cwd" | "env">): void {
  if (isSnapPrivate(resolve(cwd, path), env)) throw new UsageError(messageFor(path));
}

/** Why an attachment is missing, when the reason is the confinement; undefined otherwise. */
export function snapPrivateError(path: string, env: Context["env"]): CliError | undefined {
  return isSnapPrivate(path, env) ? new CliError(messageFor(path)) : undefined;
}

const messageFor = (path: string) =>
  `File ${path} is in a snap-private directory. Move it elsewhere, for example below your home directory.`;

function isSnapPrivate(path: string, { SNAP_NAME: snap }: Context["env"]): boolean {
  return snap === SNAP_NAME && resolved(path).startsWith(`/tmp${sep}`);
}

/** The path without symbolic links, as far as it exists. */
function resolved(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(resolved(parent), path.slice(parent.length));
  }
}
