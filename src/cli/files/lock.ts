import type { Database } from "bun:sqlite";
import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import type { Clock } from "../context.ts";

/** Someone else has held the lock for the whole time that the caller was ready to wait. */
export class LockTimeout extends Error {
  override readonly name = "LockTimeout";

  constructor(readonly path: string) {
    super(`Another testflinger process has been using ${path} for too long. Try again when it has ended.`);
  }
}

/** How often a taken lock is tried again. */
const RETRY_MS = 20;

/**
 * Runs `work` while no other process, and no other caller in this one, runs under the same `path`.
 *
 * The lock is an exclusive SQLite transaction on the empty file `<path>.lock`: the operating system releases it however
 * its holder dies, so there are no stale locks to recognise by process id or age – guesses that fail across containers
 * sharing a home folder and after a suspend. The file is never removed: a process that waits on a removed file would
 * not see the next holder.
 *
 * @param path what is being protected; its folder is created
 * @param options.timeoutMs how long to wait for the lock
 * @throws {LockTimeout} when the wait was in vain; `work` has not run
 * @throws the file system's error when the lock file cannot be made
 */
export async function withLock<T>(
  path: string,
  work: () => Promise<T>,
  { clock, timeoutMs = 10_000 }: { clock: Clock; timeoutMs?: number },
): Promise<T> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { Database } = await import("bun:sqlite");
  using lock = new Database(`${path}.lock`, { create: true });
  // SQLite's own waiting would stop the event loop.
  lock.run("PRAGMA busy_timeout = 0");
  const deadline = clock.elapsed() + timeoutMs;
  while (!take(lock)) {
    if (clock.elapsed() >= deadline) throw new LockTimeout(path);
    await clock.sleep(RETRY_MS);
  }
  return await work();
}

/** Starts the exclusive transaction; closing the database ends it. False when another one holds it. */
function take(lock: Database): boolean {
  try {
    lock.run("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { code?: string }).code?.startsWith("SQLITE_BUSY")) return false;
    throw error;
  }
}
