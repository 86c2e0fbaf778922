import type { Filter } from "mongodb";
import { TERMINAL_STATES } from "../../../shared/phases.ts";
import type { Retention } from "../store.ts";
import { UPLOAD_DAYS } from "../uploads.ts";
import type { MongoClientStore } from "./clients.ts";
import type { Collections } from "./collections.ts";
import type { MongoFileStore } from "./files.ts";
import type { JobDocument } from "./job-document.ts";
import { removeUploads } from "./uploads.ts";

const DAY = 86_400_000;
/** Jobs that are looked at with one query. */
const BATCH = 500;

/** Ended jobs, and those whose attachments never arrived. A job that ended under the reference has no time of its end; there its submission counts. */
const expired = (cutoff: Date): Filter<JobDocument> => ({
  $or: [
    { ended_at: { $lte: cutoff } },
    { ended_at: { $exists: false }, created_at: { $lte: cutoff }, "result_data.job_state": { $in: TERMINAL_STATES } },
    {
      ended_at: { $exists: false },
      created_at: { $lte: cutoff },
      "result_data.job_state": "waiting",
      "job_data.attachments_status": "waiting",
    },
  ],
});

async function* inBatches(ids: AsyncIterable<string>): AsyncGenerator<string[]> {
  let batch: string[] = [];
  for await (const id of ids) {
    if (batch.push(id) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Removes what has expired. Each removal repeats the condition, so that processes do not undo each other's work. */
export class Sweep {
  readonly #collections: Collections;
  readonly #files: MongoFileStore;
  readonly #clients: MongoClientStore;
  readonly #retention: Retention;

  constructor(collections: Collections, files: MongoFileStore, clients: MongoClientStore, retention: Retention) {
    this.#collections = collections;
    this.#files = files;
    this.#clients = clients;
    this.#retention = retention;
  }

  async run(now: Date): Promise<void> {
    const { queues, refreshTokens, replacedTokens, deviceLogins, attempts, browserSessions, secrets } =
      this.#collections;
    const before = (days: number) => new Date(now.getTime() - days * DAY);
    await this.#removeJobs(before(this.#retention.jobs));
    await this.#removeStrayLogs(before(this.#retention.jobs));
    await this.#removeStrayFiles(before(this.#retention.jobs));
    await removeUploads(this.#collections, { updated_at: { $lte: before(UPLOAD_DAYS) } });
    await this.#files.removeStrayChunks(before(1));
    await this.#removeAgents(before(this.#retention.agents));
    await queues.deleteMany({ updated_at: { $lte: before(this.#retention.agents) } });
    await refreshTokens.deleteMany({ last_accessed: { $lte: before(this.#retention.refreshTokens) } });
    await replacedTokens.deleteMany({ replaced_at: { $lte: before(this.#retention.refreshTokens) } });
    await this.#clients.removePeople(before(this.#retention.people));
    await deviceLogins.deleteMany({ expires_at: { $lte: now } });
    await attempts.deleteMany({ window_ends_at: { $lte: now } });
    await browserSessions.deleteMany({ $or: [{ idle_until: { $lte: now } }, { expires_at: { $lte: now } }] });
    await secrets.deleteMany({ expires_at: { $lte: now } });
  }

  async #removeJobs(cutoff: Date): Promise<void> {
    const { jobs, logs } = this.#collections;
    for (;;) {
      const batch = await jobs.find(expired(cutoff), { projection: { job_id: 1 }, limit: BATCH }).toArray();
      if (batch.length === 0) return;
      await jobs.deleteMany({ ...expired(cutoff), _id: { $in: batch.map(({ _id }) => _id) } });
      const gone = await this.#withoutJob(batch.map(({ job_id }) => job_id));
      await logs.deleteMany({ job_id: { $in: gone } });
      await this.#files.removeOfJobs(gone);
    }
  }

  /** Logs of jobs that the reference has removed, or that a sweep which was cut short has left. */
  async #removeStrayLogs(cutoff: Date): Promise<void> {
    const { logs } = this.#collections;
    const old = logs.aggregate<{ _id: string }>([
      { $match: { updated_at: { $lte: cutoff } } },
      { $group: { _id: "$job_id" } },
    ]);
    for await (const ids of inBatches(old.map(({ _id }) => _id))) {
      await logs.deleteMany({ job_id: { $in: await this.#withoutJob(ids) }, updated_at: { $lte: cutoff } });
    }
  }

  async #removeStrayFiles(cutoff: Date): Promise<void> {
    for await (const ids of inBatches(this.#files.jobsWithFilesUntil(cutoff))) {
      await this.#files.removeOfJobs(await this.#withoutJob(ids), cutoff);
    }
  }

  async #removeAgents(cutoff: Date): Promise<void> {
    const { agents, provisionLogs } = this.#collections;
    const silent = { updated_at: { $lte: cutoff } };
    for (const { _id, name } of await agents.find(silent, { projection: { name: 1 } }).toArray()) {
      if ((await agents.deleteOne({ _id, ...silent })).deletedCount === 1) await provisionLogs.deleteMany({ name });
    }
  }

  /** Those of the ids that no job has. */
  async #withoutJob(ids: readonly string[]): Promise<string[]> {
    const kept = this.#collections.jobs.find({ job_id: { $in: ids } }, { projection: { job_id: 1 } });
    const keptIds = new Set(await kept.map(({ job_id }) => job_id).toArray());
    return ids.filter((id) => !keptIds.has(id));
  }
}
