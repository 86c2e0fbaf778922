import { type Document, type Filter, ObjectId, type Sort } from "mongodb";
import { TERMINAL_STATES } from "../../../shared/phases.ts";
import type { JobFilter, JobOverview, JobPage, JobStore, QueueDepth } from "../jobs.ts";
import type { Collections } from "./collections.ts";
import { type JobDocument, OVERVIEW_FIELDS, overviewOf } from "./job-document.ts";

export const POP_ORDER: Sort = { job_priority: -1, created_at: 1, _id: 1 };
const ACTIVE = { "result_data.job_state": { $nin: TERMINAL_STATES } };
const STARTED = { "result_data.job_state": { $nin: [...TERMINAL_STATES, "waiting"] } };

const DEPTHS_AT_ONCE = 10_000;

/** Lists of jobs for people: by age with filters, by place in the queue, and how many there are. */
export class MongoJobOverviews implements Pick<JobStore, "page" | "queued" | "depths"> {
  readonly #jobs: Collections["jobs"];

  constructor({ jobs }: Pick<Collections, "jobs">) {
    this.#jobs = jobs;
  }

  async page(filter: JobFilter, { limit, from }: { limit: number; from?: string }): Promise<JobPage> {
    const documents = await this.#jobs
      .find({ $and: [{}, ...conditions(filter), ...placeOf(from)] } as Filter<JobDocument>, {
        projection: OVERVIEW_FIELDS,
        sort: { created_at: -1, _id: -1 },
        limit: limit + 1,
      })
      .toArray();
    const shown = documents.slice(0, limit);
    const last = documents.length > limit ? shown.at(-1) : undefined;
    return {
      jobs: shown.map(overviewOf),
      ...(last && { next: `${last.created_at.getTime()}-${last._id.toHexString()}` }),
    };
  }

  queued(queue: string, limit: number): Promise<JobOverview[]> {
    return this.#jobs
      .find({ "result_data.job_state": "waiting", "job_data.job_queue": queue } as Filter<JobDocument>, {
        projection: OVERVIEW_FIELDS,
        sort: POP_ORDER,
        limit,
      })
      .map(overviewOf)
      .toArray();
  }

  async depths(queues?: readonly string[]): Promise<Map<string, QueueDepth>> {
    const isWaiting = { $eq: ["$result_data.job_state", "waiting"] };
    const pipeline = [
      { $match: { ...ACTIVE, ...(queues && { "job_data.job_queue": { $in: queues } }) } },
      {
        $group: {
          _id: "$job_data.job_queue",
          waiting: { $sum: { $cond: [isWaiting, 1, 0] } },
          running: { $sum: { $cond: [isWaiting, 0, 1] } },
        },
      },
    ];
    // Small records, thousands of them in a large lab: one answer of the database instead of many.
    const groups = this.#jobs.aggregate<{ _id: string | null; waiting: number; running: number }>(pipeline, {
      batchSize: DEPTHS_AT_ONCE,
    });
    return new Map(
      await groups.map(({ _id, waiting, running }) => [_id ?? "", { waiting, running }] as const).toArray(),
    );
  }
}

const SEARCHED = ["job_id", "job_data.job_queue", "result_data.job_state", "submitter", "agent", "job_data.name"];

function conditions({ states = [], queue, tag, submitter, agent, since, until, text }: JobFilter): Document[] {
  const equal = { "job_data.job_queue": queue, "job_data.tags": tag, submitter, agent };
  const found: Document[] = Object.entries(equal).flatMap(([field, value]) =>
    value === undefined ? [] : [{ [field]: value }],
  );
  if (states.length > 0) {
    const groups = [
      { "result_data.job_state": { $in: states } },
      ...(states.includes("active") ? [ACTIVE] : []),
      ...(states.includes("started") ? [STARTED] : []),
    ];
    found.push(groups.length === 1 ? groups[0]! : { $or: groups });
  }
  if (since !== undefined) found.push({ created_at: { $gte: since } });
  if (until !== undefined) found.push({ created_at: { $lt: until } });
  if (text !== undefined) {
    // Word for word: what people type may look like an expression.
    const $regex = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
    found.push({ $or: SEARCHED.map((field) => ({ [field]: { $regex, $options: "i" } })) });
  }
  return found;
}

function placeOf(from: string | undefined): Document[] {
  const [, time, id] = /^(\d{1,15})-([0-9a-f]{24})$/.exec(from ?? "") ?? [];
  if (time === undefined || id === undefined) return [];
  const created_at = new Date(Number(time));
  return [{ $or: [{ created_at: { $lt: created_at } }, { created_at, _id: { $lt: new ObjectId(id) } }] }];
}
