import type { Database } from "bun:sqlite";
import { translated } from "./connection.ts";

/** Another server works on the same data directory. */
export class StoreInUse extends Error {
  override readonly name = "StoreInUse";

  constructor(readonly directory: string) {
    super(
      `Another testflinger-server uses the data directory ${directory}. Stop it first, or give this one a directory of its own; ` +
        "servers that share their data need MongoDB.",
    );
  }
}

/**
 * Takes the right to serve a data directory until the returned function is called or the process dies.
 *
 * The lock is an exclusive transaction on an empty SQLite file. The operating system ends it with its holder, so there is no stale lock to
 * recognise by process id - a guess that fails across containers that share a volume.
 *
 * @throws {StoreInUse} at once when another server has it
 */
export function lock(DatabaseClass: typeof Database, path: string, directory: string): () => void {
  const database = new DatabaseClass(path, { readwrite: true });
  try {
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) throw new StoreInUse(directory);
    throw translated(error);
  }
  return () => database.close();
}
