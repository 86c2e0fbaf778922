import { resolve, sep } from "node:path";
import type { Context } from "../context.ts";
import { UsageError } from "../errors.ts";

/** A snap sees its own folder under this name, not the one that everybody else sees. */
const PRIVATE_FOLDER = "/tmp";

/**
 * Refuses a file that a snap would read or write where the person cannot see it (command-line section 7.6). Other
 * installations have no such folder, so the rule holds for that snap alone (W48).
 * @returns the absolute path
 * @throws UsageError
 */
export function outsideSnap(file: string, { cwd, env }: Pick<Context, "cwd" | "env">): string {
  const path = resolve(cwd, file);
  const isInside = path === PRIVATE_FOLDER || path.startsWith(PRIVATE_FOLDER + sep);
  if (env.SNAP_NAME === "testflinger-cli" && isInside) {
    throw new UsageError(`File ${path} is in a snap-private directory.`);
  }
  return path;
}
