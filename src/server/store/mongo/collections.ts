import type { Db } from "mongodb";
import type { AgentDocument, ProvisionLogDocument } from "./agents.ts";
import type { AttemptDocument } from "./attempts.ts";
import type { BrowserSessionDocument } from "./browser-sessions.ts";
import type { ClientDocument } from "./client-document.ts";
import type { DeviceLoginDocument } from "./device-logins.ts";
import type { ChunkDocument, FileDocument } from "./files.ts";
import type { JobDocument } from "./job-document.ts";
import type { LogDocument } from "./logs.ts";
import type { QueueDocument, WaitTimesDocument } from "./queues.ts";
import type { RefreshTokenDocument, ReplacedTokenDocument } from "./refresh-tokens.ts";
import type { RestrictedQueueDocument } from "./restrictions.ts";
import type { SecretDocument } from "./secrets.ts";
import type { UploadDocument } from "./uploads.ts";

/**
 * The collections by the reference's names (data section 1). `secrets` is ours: the reference has one per client, encrypted by its driver; so are
 * `browser_sessions`, `replaced_refresh_tokens`, `attempts` and `uploads`.
 */
export const collectionsOf = (database: Db) => ({
  jobs: database.collection<JobDocument>("jobs"),
  logs: database.collection<LogDocument>("logs"),
  files: database.collection<FileDocument>("fs.files"),
  chunks: database.collection<ChunkDocument>("fs.chunks"),
  uploads: database.collection<UploadDocument>("uploads"),
  agents: database.collection<AgentDocument>("agents"),
  provisionLogs: database.collection<ProvisionLogDocument>("provision_logs"),
  queues: database.collection<QueueDocument>("queues"),
  waitTimes: database.collection<WaitTimesDocument>("queue_wait_times"),
  restrictedQueues: database.collection<RestrictedQueueDocument>("restricted_queues"),
  clients: database.collection<ClientDocument>("client_permissions"),
  refreshTokens: database.collection<RefreshTokenDocument>("refresh_tokens"),
  replacedTokens: database.collection<ReplacedTokenDocument>("replaced_refresh_tokens"),
  deviceLogins: database.collection<DeviceLoginDocument>("device_codes"),
  browserSessions: database.collection<BrowserSessionDocument>("browser_sessions"),
  attempts: database.collection<AttemptDocument>("attempts"),
  secrets: database.collection<SecretDocument>("secrets"),
});

export type Collections = ReturnType<typeof collectionsOf>;
