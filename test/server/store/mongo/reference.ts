import { BSON, type CreateIndexesOptions, type Db } from "mongodb";
import dump from "../../../fixtures/mongo-reference.json" with { type: "json" };

const WEEK = 604_800;
const QUARTER = 7_776_000;

/** The indexes that the reference makes at every start (data section 2). */
const INDEXES: readonly (readonly [string, Record<string, 1>, CreateIndexesOptions?])[] = [
  ["jobs", { created_at: 1 }, { expireAfterSeconds: WEEK }],
  ["jobs", { job_id: 1 }],
  ["jobs", { "result_data.job_state": 1, "job_data.job_queue": 1 }],
  ["output", { updated_at: 1 }, { expireAfterSeconds: 14_400 }],
  ["logs", { updated_at: 1 }, { expireAfterSeconds: WEEK }],
  ["logs", { job_id: 1, log_type: 1, phase: 1, fragment_number: 1 }],
  ["fs.chunks", { uploadDate: 1 }, { expireAfterSeconds: WEEK }],
  ["fs.files", { uploadDate: 1 }, { expireAfterSeconds: WEEK }],
  ["fs.files", { filename: 1, uploadDate: 1 }],
  ["fs.chunks", { files_id: 1, n: 1 }, { unique: true }],
  ["agents", { updated_at: 1 }, { expireAfterSeconds: WEEK }],
  ["agents", { name: 1 }, { unique: true }],
  ["queues", { updated_at: 1 }, { expireAfterSeconds: WEEK }],
  ["refresh_tokens", { last_accessed: 1 }, { expireAfterSeconds: QUARTER }],
  ["refresh_tokens", { refresh_token: 1 }, { unique: true }],
  ["refresh_tokens", { client_id: 1 }],
  ["device_codes", { expires_at: 1 }, { expireAfterSeconds: 0 }],
  [
    "client_permissions",
    { last_login: 1 },
    { expireAfterSeconds: QUARTER, partialFilterExpression: { sub: { $exists: true } } },
  ],
  ["client_permissions", { client_id: 1 }, { unique: true }],
  ["client_permissions", { sub: 1 }, { sparse: true }],
];

/** What the reference does at its start; its start fails where this does. */
export async function startReference(database: Db): Promise<void> {
  for (const [collection, key, options] of INDEXES) await database.collection(collection).createIndex(key, options);
}

/**
 * Fills the database as the reference has left it, with the oddities of old releases. The dates lie in the year 2126, so that
 * the reference's TTL indexes remove nothing while a test prepares.
 */
export async function leftByReference(database: Db): Promise<void> {
  await startReference(database);
  for (const [collection, documents] of Object.entries(BSON.EJSON.parse(JSON.stringify(dump), { relaxed: false }))) {
    await database.collection(collection).insertMany(documents as BSON.Document[]);
  }
}

/** A time at which everything in the dump is young. */
export const NOW = new Date("2126-03-02T12:00:00Z");
