import type { AgentStore } from "./agents.ts";
import type { AttemptStore } from "./attempts.ts";
import type { BrowserSessionStore } from "./browser-sessions.ts";
import type { ClientStore } from "./clients.ts";
import type { DeviceLoginStore } from "./device-logins.ts";
import type { FileStore } from "./files.ts";
import type { JobStore } from "./jobs.ts";
import type { LogStore } from "./logs.ts";
import type { QueueStore } from "./queues.ts";
import type { ReferenceSecretStore } from "./reference-secrets.ts";
import type { RefreshTokenStore } from "./refresh-tokens.ts";
import type { SecretStore } from "./secrets.ts";
import type { UploadStore } from "./uploads.ts";

/**
 * Everything the server keeps, as one small interface per feature. Two adapters implement it, `sqlite/` and `mongo/`; one
 * contract suite (test/contract) holds for both. All dates are UTC with millisecond precision. Every method is atomic
 * unless it says otherwise, also against other processes on the same database.
 *
 * A method throws `StoreUnavailable` when the database cannot be reached; the HTTP layer answers 503. One that stores what a caller has
 * sent may throw `StoreLimitExceeded`.
 */
export interface Store {
  readonly jobs: JobStore;
  readonly logs: LogStore;
  readonly files: FileStore;
  readonly uploads: UploadStore;
  readonly agents: AgentStore;
  readonly queues: QueueStore;
  readonly clients: ClientStore;
  readonly refreshTokens: RefreshTokenStore;
  readonly deviceLogins: DeviceLoginStore;
  readonly browserSessions: BrowserSessionStore;
  readonly attempts: AttemptStore;
  readonly secrets: SecretStore;
  /** Secrets that the reference has stored in the same database; absent where it cannot have. */
  readonly referenceSecrets?: ReferenceSecretStore;
  /** May other server processes work on the same database? Then changes made elsewhere must be looked for. */
  readonly shared: boolean;
  /** What was found when the store was opened that an operator should know, for example a unique index that existing duplicates forbid. */
  readonly warnings: readonly string[];
  /** Resolves when the database answers; throws `StoreUnavailable` otherwise. */
  ping(): Promise<void>;
  /** Removes what has expired (data section 1, with the retention it was opened with). Safe to run in several processes at once. */
  sweep(now: Date): Promise<void>;
  close(): Promise<void>;
}

/** How long things are kept after their last use, in days (data section 1). Jobs count from their end: an active job never expires. */
export interface Retention {
  /** Ended jobs with their logs and files; also jobs whose attachments never arrived, from their submission. */
  jobs: number;
  /** Agents that stopped reporting, with their provision history; and queues that were advertised and are no more. */
  agents: number;
  /** Refresh tokens since their last use. */
  refreshTokens: number;
  /** People who have not logged in; they go as if deleted. */
  people: number;
}

export const DEFAULT_RETENTION: Retention = { jobs: 7, agents: 7, refreshTokens: 90, people: 90 };

/** The database could not be reached or did not answer in time. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** A value is larger, or nested deeper, than the database keeps. Nothing was stored; the message is for the caller, who gets a 413. */
export class StoreLimitExceeded extends Error {
  override readonly name = "StoreLimitExceeded";
}
