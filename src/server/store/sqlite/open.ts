import { Database as BunDatabase } from "bun:sqlite";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { type Retention, type Store, StoreUnavailable } from "../store.ts";
import { agentStore } from "./agents.ts";
import { attemptStore } from "./attempts.ts";
import { browserSessionStore } from "./browser-sessions.ts";
import { clientStore } from "./clients.ts";
import { Connection, translated } from "./connection.ts";
import { deviceLoginStore } from "./device-logins.ts";
import { fileStore } from "./files.ts";
import { jobStore } from "./jobs.ts";
import { lock } from "./lock.ts";
import { logStore } from "./logs.ts";
import { queueStore } from "./queues.ts";
import { refreshTokenStore } from "./refresh-tokens.ts";
import { migrate } from "./schema.ts";
import { secretStore } from "./secrets.ts";
import { sweeper } from "./sweep.ts";
import { uploadStore } from "./uploads.ts";

export interface SqliteOptions {
  /** Created for its owner only if it is missing. */
  directory: string;
  retention: Retention;
  /**
   * True (the default) for a server: it must be the only one on the directory. False for a command that works beside a running server
   * for a moment.
   */
  exclusive?: boolean;
  /** Makes unguessable ids; the default is a random UUID. */
  randomId?: () => string;
  /** The class of the connections. */
  Database?: typeof BunDatabase;
}

const DATABASE = "testflinger.db";
const LOCK = "testflinger.lock";

/** How long a write waits for another process, in milliseconds. The event loop stands still meanwhile; other writers are brief commands. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Opens the embedded store in a data directory and brings its schema up to date.
 *
 * @throws {StoreInUse} when another server uses the directory
 * @throws {SchemaTooNew} when a later version of the server has written it
 * @throws {StoreUnavailable} when the directory or the database cannot be used
 */
export async function openSqliteStore({
  directory,
  retention,
  exclusive = true,
  randomId = () => crypto.randomUUID(),
  Database = BunDatabase,
}: SqliteOptions): Promise<Store> {
  const path = join(directory, DATABASE);
  await prepareFiles(directory, exclusive ? [DATABASE, LOCK] : [DATABASE]);
  try {
    using opening = new DisposableStack();
    if (exclusive) opening.defer(lock(Database, join(directory, LOCK), directory));
    const connection = connect(Database, path);
    opening.defer(() => connection.close());
    const files = fileStore(connection);
    if (exclusive) await files.discardUnfinished();
    const ping = connection.prepare("SELECT 1");
    const opened = opening.move();
    return {
      jobs: jobStore(connection),
      logs: logStore(connection),
      files,
      uploads: uploadStore(connection),
      agents: agentStore(connection),
      queues: queueStore(connection),
      clients: clientStore(connection),
      refreshTokens: refreshTokenStore(connection, randomId),
      deviceLogins: deviceLoginStore(connection, randomId),
      browserSessions: browserSessionStore(connection),
      attempts: attemptStore(connection),
      secrets: secretStore(connection),
      shared: false,
      warnings: [],
      ping: async () => void (await connection.read(() => ping.get())),
      sweep: sweeper(connection, files, retention),
      close: async () => opened.dispose(),
    };
  } catch (error) {
    throw translated(error);
  }
}

/** Makes the directory and empty files for their owner only; SQLite gives its further files the permissions of the first. */
async function prepareFiles(directory: string, names: readonly string[]): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    for (const name of names) {
      // Never opened when it exists: closing any handle of a locked file would end this process's own locks on it (POSIX).
      const file = await open(join(directory, name), "wx", 0o600).catch((error: NodeJS.ErrnoException) => {
        if (error.code === "EEXIST") return null;
        throw error;
      });
      await file?.close();
    }
  } catch (error) {
    throw new StoreUnavailable(`The data directory ${directory} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function connect(Database: typeof BunDatabase, path: string): Connection {
  const database = new Database(path, { readwrite: true, strict: true });
  try {
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.run("PRAGMA journal_mode = WAL");
    database.run("PRAGMA foreign_keys = ON");
    // Sorting needs no writable directory for temporary files, which a container may not have.
    database.run("PRAGMA temp_store = MEMORY");
    migrate(database, path);
    return new Connection(database);
  } catch (error) {
    database.close();
    throw error;
  }
}
