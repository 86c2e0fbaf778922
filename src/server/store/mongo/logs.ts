import type { Filter, ObjectId } from "mongodb";
import type { LogType, Phase } from "../../../shared/phases.ts";
import type { LogExtent, LogFragment, LogQuery, LogStore, PhaseExtent } from "../logs.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";
import { Insertions } from "./insertions.ts";

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
  /** Line ends and UTF-8 bytes of the text; unknown to the reference. */
  readonly lines?: number;
  readonly bytes?: number;
}

/** Logs asked for at once: a pipeline has at most 1000 stages, four for each log. */
const LOGS_PER_QUERY = 200;

const NEWLINE = "\n";

const measured = (data: string) => ({ lines: data.split(NEWLINE).length - 1, bytes: Buffer.byteLength(data) });

/** As `measured` tells; counted by the database where the reference has stored the fragment. */
const LINES = { $ifNull: ["$lines", { $subtract: [{ $size: { $split: ["$log_data", NEWLINE] } }, 1] }] };
const BYTES = { $ifNull: ["$bytes", { $strLenBytes: "$log_data" }] };

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

type LogPlace = Pick<LogDocument, "job_id" | "log_type" | "fragment_number">;

export interface MongoLogStoreOptions {
  /** May there be several fragments of one number, because the database lacks the unique index? */
  readonly repeating: boolean;
  /** Milliseconds until a call is given up. */
  readonly patience: number;
}

export class MongoLogStore implements LogStore {
  readonly #logs: Collections["logs"];
  readonly #repeating: boolean;
  readonly #insertions: Insertions<LogDocument>;

  constructor({ logs }: Collections, { repeating, patience }: MongoLogStoreOptions) {
    this.#logs = logs;
    this.#repeating = repeating;
    this.#insertions = new Insertions(logs, patience);
  }

  async append({ jobId, type, phase, number, timestamp, data }: LogFragment, now: Date) {
    const place = { job_id: jobId, log_type: type, fragment_number: number };
    if (await this.#add(place, { phase, timestamp, log_data: data, updated_at: now, ...measured(data) }))
      return "stored";
    return (await this.#logs.findOne({ ...place, phase, log_data: data }, { projection: { _id: 1 } }))
      ? "repeated"
      : "conflicting";
  }

  async read(query: LogQuery): Promise<LogFragment[]> {
    const { jobId, type, from = -Infinity, before = Infinity, since, phase, limit = 0, keep = "first" } = query;
    const filter: Filter<LogDocument> = {
      job_id: jobId,
      log_type: type,
      fragment_number: { $gte: from, $lt: before },
      ...(since !== undefined && { timestamp: { $gte: since } }),
      ...(phase !== undefined && { phase }),
    };
    const found = await this.#logs
      .find(filter, { sort: { fragment_number: keep === "last" ? -1 : 1 }, limit })
      .toArray();
    const documents = found.length === limit ? await this.#withAllOfLastNumber(found, filter) : found;
    // Fragments of one number (databases of the reference) are put in order here: no unique index could order them.
    return documents
      .sort(
        (one, other) =>
          Number(one.fragment_number) - Number(other.fragment_number) ||
          (one._id.toHexString() < other._id.toHexString() ? -1 : 1),
      )
      .map(fragmentOf);
  }

  async #withAllOfLastNumber(found: LogDocument[], filter: Filter<LogDocument>): Promise<LogDocument[]> {
    const last = found.at(-1);
    if (!this.#repeating || !last) return found;
    const others = found.filter((one) => Number(one.fragment_number) !== Number(last.fragment_number));
    return [...others, ...(await this.#logs.find({ ...filter, fragment_number: last.fragment_number }).toArray())];
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

  async extent(jobId: string, type: LogType, before = Infinity): Promise<LogExtent> {
    const [extent] = await this.#logs
      .aggregate<LogExtent>([
        { $match: { job_id: jobId, log_type: type, fragment_number: { $lt: before } } },
        { $group: { _id: null, lines: { $sum: LINES }, bytes: { $sum: BYTES } } },
      ])
      .toArray();
    return { lines: extent?.lines ?? 0, bytes: extent?.bytes ?? 0 };
  }

  phases(jobId: string, type: LogType): Promise<PhaseExtent[]> {
    return this.#logs
      .aggregate<PhaseExtent>([
        { $match: { job_id: jobId, log_type: type } },
        {
          $group: { _id: "$phase", from: { $min: "$fragment_number" }, lines: { $sum: LINES }, bytes: { $sum: BYTES } },
        },
        { $sort: { from: 1 } },
        { $project: { _id: 0, phase: "$_id", from: 1, lines: 1, bytes: 1 } },
      ])
      .toArray();
  }

  async afterLines(jobId: string, type: LogType, lines: number) {
    const [found] = await this.#logs
      .aggregate<{ number: number; linesBefore: number }>([
        { $match: { job_id: jobId, log_type: type } },
        // Fragments of one number (databases of the reference) are read together, so they count as one.
        { $group: { _id: "$fragment_number", lines: { $sum: LINES } } },
        {
          $setWindowFields: {
            sortBy: { _id: 1 },
            output: { passed: { $sum: "$lines", window: { documents: ["unbounded", "current"] } } },
          },
        },
        { $match: { passed: { $gte: lines } } },
        { $sort: { _id: 1 } },
        { $limit: 1 },
        { $project: { _id: 0, number: "$_id", linesBefore: { $subtract: ["$passed", "$lines"] } } },
      ])
      .toArray();
    return found ?? null;
  }

  /** False if there is a fragment at the place. */
  async #add(place: LogPlace, rest: Omit<LogDocument, keyof LogPlace | "_id">): Promise<boolean> {
    if (!this.#repeating) return this.#insertions.add({ ...place, ...rest } as LogDocument);
    const { upsertedCount } = await upserting(() =>
      this.#logs.updateOne(place, { $setOnInsert: rest }, { upsert: true }),
    );
    return upsertedCount === 1;
  }

  async remove(jobId: string): Promise<void> {
    await this.#logs.deleteMany({ job_id: jobId });
  }
}
