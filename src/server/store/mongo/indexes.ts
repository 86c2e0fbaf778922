import type { CreateIndexesOptions } from "mongodb";
import type { Collections } from "./collections.ts";

export interface IndexSpec {
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly options?: Pick<CreateIndexesOptions, "name" | "unique" | "sparse" | "partialFilterExpression">;
}

/**
 * The indexes of every query, for each collection (data section 2). Where the reference has an index on the same keys with other
 * options, ours has other keys or another name, so that both servers can start on one database.
 *
 * There are no TTL indexes: what expires is removed by `sweep`, by the server's clock and with what hangs on it.
 */
export const INDEXES: Readonly<Record<keyof Collections, readonly IndexSpec[]>> = {
  jobs: [
    { key: { job_id: 1 }, options: { name: "unique_job_id", unique: true } },
    // Pop, in its order; a prefix is the reference's.
    {
      key: { "result_data.job_state": 1, "job_data.job_queue": 1, job_priority: -1, created_at: 1, _id: 1 },
      options: { name: "pop_order" },
    },
    { key: { "job_data.job_queue": 1, created_at: 1, _id: 1 } },
    { key: { "job_data.tags": 1, created_at: -1, _id: -1 } },
    { key: { created_at: -1, _id: -1 } },
    { key: { ended_at: 1, created_at: -1 } },
    { key: { agent: 1, leased_until: -1 }, options: { partialFilterExpression: { leased_until: { $exists: true } } } },
    {
      key: { submitter: 1, created_at: -1, _id: -1 },
      options: { partialFilterExpression: { submitter: { $exists: true } } },
    },
    { key: { agent: 1, created_at: -1, _id: -1 }, options: { partialFilterExpression: { agent: { $exists: true } } } },
    { key: { "job_data.client_id": 1 }, options: { sparse: true } },
    {
      key: { "job_data.parent_job_id": 1, created_at: 1, _id: 1 },
      options: { partialFilterExpression: { "job_data.parent_job_id": { $exists: true } } },
    },
  ],
  logs: [
    { key: { job_id: 1, log_type: 1, fragment_number: 1 }, options: { unique: true } },
    { key: { updated_at: 1, job_id: 1 } },
  ],
  files: [{ key: { filename: 1, uploadDate: 1 } }, { key: { uploadDate: 1, filename: 1 } }],
  chunks: [{ key: { files_id: 1, n: 1 }, options: { unique: true } }],
  uploads: [{ key: { file: 1 } }, { key: { updated_at: 1 } }],
  agents: [
    { key: { name: 1 }, options: { unique: true } },
    { key: { queues: 1 } },
    { key: { updated_at: 1, name: 1 } },
  ],
  provisionLogs: [{ key: { name: 1 }, options: { unique: true } }],
  queues: [{ key: { name: 1 }, options: { unique: true } }, { key: { updated_at: 1, name: 1 } }],
  waitTimes: [{ key: { name: 1 }, options: { unique: true } }],
  restrictedQueues: [{ key: { queue_name: 1 }, options: { unique: true } }],
  clients: [
    { key: { client_id: 1 }, options: { unique: true } },
    { key: { issuer: 1, sub: 1 }, options: { unique: true, partialFilterExpression: { issuer: { $exists: true } } } },
    { key: { sub: 1 }, options: { sparse: true } },
    { key: { allowed_queues: 1 } },
    { key: { allowed_queue_patterns: 1 }, options: { sparse: true } },
    { key: { renamed_from: 1 }, options: { sparse: true } },
    { key: { expected_email: 1 }, options: { sparse: true } },
    { key: { last_login: 1, client_id: 1 } },
  ],
  refreshTokens: [
    { key: { refresh_token: 1 }, options: { unique: true } },
    { key: { client_id: 1 } },
    { key: { last_accessed: 1, client_id: 1 } },
  ],
  replacedTokens: [{ key: { hash: 1 }, options: { unique: true } }, { key: { replaced_at: 1 } }],
  deviceLogins: [{ key: { request_id: 1 }, options: { unique: true } }, { key: { expires_at: 1, request_id: 1 } }],
  attempts: [{ key: { window_ends_at: 1 } }],
  browserSessions: [
    { key: { session_id: 1 }, options: { unique: true } },
    { key: { hash: 1 }, options: { unique: true } },
    { key: { client_id: 1, created_at: -1 } },
    { key: { idle_until: 1 } },
    { key: { expires_at: 1 } },
  ],
  secrets: [
    { key: { owner: 1, path: 1 }, options: { unique: true } },
    { key: { expires_at: 1 } },
    { key: { key_id: 1 } },
  ],
};
