import type { Filter, ObjectId } from "mongodb";
import type { LogType, Phase } from "../../../shared/phases.ts";
import type { LogFragment, LogQuery, LogStore } from "../logs.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";

/** A log fragment as the reference keeps it (data section 3.2). */
export interface LogDocument {
  readonly _id: ObjectId;
  readonly job_id: string;
  readonly log_type: LogType;
  readonly phase: Phase;
  readonly fragment_number: number;
  readonly timestamp: Date;
  readonly log_data: string;
  readonly updated_at: Date;
}

/** Logs asked for at once: a pipeline has at most 1000 stages, four for each log. */
const LOGS_PER_QUERY = 200;

const fragmentOf = (document: LogDocument): LogFragment => ({
  jobId: document.job_id,
  type: document.log_type,
  phase: document.phase,
  number: Number(document.fragment_number),
  timestamp: document.timestamp,
  data: document.log_data,
});

/** The pipeline that finds the last fragment of a log by walking its index backwards one step. */
const lastOf = ({ jobId, type }: { jobId: string; type: LogType }) => [
  { $match: { job_id: jobId, log_type: type } },
  { $sort: { fragment_number: -1 } },
  { $limit: 1 },
  { $project: { job_id: 1, log_type: 1, fragment_number: 1 } },
];

export class MongoLogStore implements LogStore {
  readonly #logs: Collections["logs"];

  constructor({ logs }: Collections) {
    this.#logs = logs;
  }

  async append({ jobId, type, phase, number, timestamp, data }: LogFragment, now: Date) {
    const place = { job_id: jobId, log_type: type, fragment_number: number };
    const { upsertedCount } = await upserting(() =>
      this.#logs.updateOne(
        place,
        { $setOnInsert: { phase, timestamp, log_data: data, updated_at: now } },
        { upsert: true },
      ),
    );
    if (upsertedCount === 1) return "stored";
    return (await this.#logs.findOne({ ...place, phase, log_data: data }, { projection: { _id: 1 } }))
      ? "repeated"
      : "conflicting";
  }

  async read({ jobId, type, from, since, phase, limit = 0 }: LogQuery): Promise<LogFragment[]> {
    const filter: Filter<LogDocument> = {
      job_id: jobId,
      log_type: type,
      ...(from !== undefined && { fragment_number: { $gte: from } }),
      ...(since !== undefined && { timestamp: { $gte: since } }),
      ...(phase !== undefined && { phase }),
    };
    const documents = await this.#logs.find(filter, { sort: { fragment_number: 1 }, limit }).toArray();
    // Fragments of one number (databases of the reference) are put in order here: no unique index could order them.
    return documents
      .sort(
        (one, other) =>
          Number(one.fragment_number) - Number(other.fragment_number) ||
          (one._id.toHexString() < other._id.toHexString() ? -1 : 1),
      )
      .map(fragmentOf);
  }

  async latest(logs: readonly { jobId: string; type: LogType }[]): Promise<Map<string, number>> {
    const latest = new Map<string, number>();
    for (let start = 0; start < logs.length; start += LOGS_PER_QUERY) {
      const [first, ...others] = logs.slice(start, start + LOGS_PER_QUERY);
      const unions = others.map((log) => ({ $unionWith: { coll: this.#logs.collectionName, pipeline: lastOf(log) } }));
      for await (const document of this.#logs.aggregate<LogDocument>([...lastOf(first!), ...unions])) {
        latest.set(`${document.job_id}/${document.log_type}`, Number(document.fragment_number));
      }
    }
    return latest;
  }

  async remove(jobId: string): Promise<void> {
    await this.#logs.deleteMany({ job_id: jobId });
  }
}
