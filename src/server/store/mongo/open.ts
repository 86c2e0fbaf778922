import { type Document, MongoClient } from "mongodb";
import { DEFAULT_RETENTION, type Retention, type Store } from "../store.ts";
import { MongoAgentStore } from "./agents.ts";
import { MongoAttemptStore } from "./attempts.ts";
import { MongoBrowserSessionStore } from "./browser-sessions.ts";
import { MongoClientStore } from "./clients.ts";
import { collectionsOf } from "./collections.ts";
import { databaseOf, repeatsCredentials } from "./connection.ts";
import { MongoDeviceLoginStore } from "./device-logins.ts";
import { ensureIndexes, type IndexReport } from "./ensure-indexes.ts";
import { translated, translating } from "./errors.ts";
import { MongoFileStore } from "./files.ts";
import { MongoJobStore } from "./jobs.ts";
import { MongoLogStore } from "./logs.ts";
import { MongoQueueStore } from "./queues.ts";
import { MongoReferenceSecretStore } from "./reference-secrets.ts";
import { MongoRefreshTokenStore } from "./refresh-tokens.ts";
import { MongoSecretStore } from "./secrets.ts";
import { Sweep } from "./sweep.ts";
import { MongoUploadStore } from "./uploads.ts";

export interface MongoOptions {
  /** A connection string; may hold credentials. */
  readonly uri: string;
  /** Where the data keys of the reference's secrets are, if not on the same server (config section 1). */
  readonly keyVaultUri?: string;
  /** Default: the one that the connection string names. */
  readonly database?: string;
  /** Connections of this process; default 100 (config section 1). */
  readonly maxPoolSize?: number;
  readonly retention?: Retention;
  /** Milliseconds until a call is given up; default 12 s. Files, the sweep and the start take the time that they need. */
  readonly callTimeout?: number;
  /** Sees every command that goes to the database. */
  readonly onCommand?: (command: Document) => void;
}

/** Milliseconds until a database that does not answer is given up, as in the reference. */
const SELECTION_TIMEOUT = 2000;
/**
 * Milliseconds until a call is given up: below the 15 s that clients wait for an answer. The driver waits on a silent connection until a heartbeat
 * finds out, and now and then for ever on one that was cut off.
 */
const CALL_TIMEOUT = 12_000;
/** The database of data keys, as the reference names it. */
const KEY_VAULT = "encryption";
/** Milliseconds that a call waits for one of the pool's connections: a busy database is not an unreachable one. */
const QUEUE_TIMEOUT = 10_000;
/** Milliseconds for a connection, also of those that watch the server: a silent server is noticed after it. */
const CONNECT_TIMEOUT = 5000;

/**
 * Connects to MongoDB, brings the indexes of the database up to date and opens it as a store. A database of the reference is
 * adopted as it is (data sections 2 and 3).
 *
 * @throws StoreUnavailable when the database does not answer within 2 s or refuses the login
 * @throws Error when the connection string is faulty or names no database
 */
export async function openMongoStore(options: MongoOptions): Promise<Store> {
  const { uri, retention = DEFAULT_RETENTION, callTimeout = CALL_TIMEOUT, onCommand } = options;
  const client = clientOf(options);
  const database = options.database ?? databaseOf(uri);
  if (!database) {
    throw new Error(
      "The MongoDB connection string names no database: add it after the host, as in mongodb://host:27017/testflinger_db",
    );
  }
  if (onCommand) client.on("commandStarted", ({ command }) => onCommand(command));
  const db = client.db(database);
  const vault = options.keyVaultUri === undefined ? client : clientOf({ ...options, uri: options.keyVaultUri });
  const collections = collectionsOf(db);
  let indexes: IndexReport;
  try {
    await client.connect();
    indexes = await ensureIndexes(collections);
  } catch (error) {
    await client.close();
    throw translated(error);
  }
  const files = new MongoFileStore(collections);
  const clients = new MongoClientStore(collections, callTimeout);
  const sweep = new Sweep(collections, files, clients, retention);
  const patience = callTimeout;
  const { warnings, repeating } = indexes;
  const jobs = new MongoJobStore(collections, { repeatedIds: repeating.has("jobs"), patience });
  const bounded = <Part extends object>(part: Part): Part => translating(part, callTimeout);
  return {
    jobs: bounded(jobs),
    logs: bounded(new MongoLogStore(collections, { repeating: repeating.has("logs"), patience })),
    files: translating(files),
    uploads: translating(new MongoUploadStore(collections, files)),
    agents: bounded(new MongoAgentStore(collections, patience)),
    queues: bounded(new MongoQueueStore(collections, patience)),
    clients: bounded(clients),
    refreshTokens: bounded(new MongoRefreshTokenStore(collections, patience)),
    deviceLogins: bounded(new MongoDeviceLoginStore(collections)),
    browserSessions: bounded(new MongoBrowserSessionStore(collections)),
    attempts: bounded(new MongoAttemptStore(collections, patience)),
    secrets: bounded(new MongoSecretStore(collections)),
    referenceSecrets: translating(new MongoReferenceSecretStore(db, vault.db(KEY_VAULT))),
    shared: true,
    warnings,
    ...bounded({ ping: async () => void (await db.command({ ping: 1 })) }),
    ...translating({
      sweep: (now: Date) => sweep.run(now),
      async close() {
        jobs.close();
        await Promise.all(new Set([client, vault]).values().map((one) => one.close()));
      },
    }),
  };
}

function clientOf({ uri, maxPoolSize = 100, onCommand }: MongoOptions): MongoClient {
  try {
    return new MongoClient(uri, {
      appName: "testflinger-server",
      maxPoolSize,
      serverSelectionTimeoutMS: SELECTION_TIMEOUT,
      waitQueueTimeoutMS: QUEUE_TIMEOUT,
      connectTimeoutMS: CONNECT_TIMEOUT,
      // What was acknowledged survives the loss of the primary, and what was written is what is read.
      writeConcern: { w: "majority" },
      readPreference: "primary",
      // Absent fields stay absent instead of becoming null.
      ignoreUndefined: true,
      monitorCommands: onCommand !== undefined,
    });
  } catch (error) {
    const reason = error instanceof Error && !repeatsCredentials(error.message, uri) ? `: ${error.message}` : "";
    throw new Error(
      `The MongoDB connection string is not valid${reason}. It has the form mongodb://user:password@host:27017/database, with user name and password percent-encoded`,
    );
  }
}
