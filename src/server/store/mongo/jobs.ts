import type { Document, Filter, Sort } from "mongodb";
import { isTerminal, TERMINAL_STATES } from "../../../shared/phases.ts";
import type { Job, JobListing, JobResults, JobSearch, JobStore, JobSummary, NewJob, StateChange } from "../jobs.ts";
import type { Collections } from "./collections.ts";
import { Insertions } from "./insertions.ts";
import {
  type JobDocument,
  jobOf,
  LISTING_FIELDS,
  listingOf,
  SUMMARY_FIELDS,
  summaryOf,
  waitingJob,
} from "./job-document.ts";
import { JobPositions } from "./job-positions.ts";
import { MongoJobTaking } from "./job-taking.ts";
import { Lookups } from "./lookups.ts";

/** Databases of the reference may hold several jobs of one id: the newest is meant. */
const NEWEST: Sort = { created_at: -1, _id: -1 };
const ENDED = { $in: ["$result_data.job_state", TERMINAL_STATES] };
/** Changes of state that are remembered of a job: an agent that goes astray must not fill the document. */
const HISTORY_KEPT = 100;
const HISTORY = { $ifNull: ["$state_history", []] };
/** The history, with the new state if it is one and the job has not ended. */
const historyWith = (state: string, at: Date) => ({
  $cond: [
    { $or: [ENDED, { $eq: ["$result_data.job_state", { $literal: state }] }] },
    HISTORY,
    { $slice: [{ $concatArrays: [HISTORY, [{ state: { $literal: state }, at }]] }, -HISTORY_KEPT] },
  ],
});

/** Ends the lease. As a stage of its own, since `$set` and `$unset` of one pipeline are. */
const WITHOUT_LEASE = { $unset: ["leased_until", "take"] };

/** Whole jobs of one query: each may have megabytes. */
const WHOLE_JOBS = 16;

export interface MongoJobStoreOptions {
  /** May several jobs have one id, because the database lacks the unique index? */
  readonly repeatedIds: boolean;
  /** Milliseconds until a call is given up. */
  readonly patience: number;
}

export class MongoJobStore extends MongoJobTaking implements JobStore {
  readonly #jobs: Collections["jobs"];
  readonly #insertions: Insertions<JobDocument>;
  readonly #whole: Lookups<JobDocument>;
  readonly #summaries: Lookups<JobDocument>;
  readonly #positions: JobPositions;
  readonly #repeatedIds: boolean;
  /** Only where it is needed: a planner that follows the sort instead of the id reads every job. */
  readonly #newestFirst: { sort?: Sort };

  constructor(collections: Collections, { repeatedIds, patience }: MongoJobStoreOptions) {
    super(collections, patience);
    const { jobs } = collections;
    this.#jobs = jobs;
    this.#insertions = new Insertions(jobs, patience);
    this.#whole = new Lookups(jobs, "job_id", { most: WHOLE_JOBS, patience });
    this.#summaries = new Lookups(jobs, "job_id", { projection: SUMMARY_FIELDS, patience });
    this.#positions = new JobPositions(jobs, patience);
    this.#repeatedIds = repeatedIds;
    this.#newestFirst = repeatedIds ? { sort: NEWEST } : {};
  }

  async submit(job: NewJob): Promise<"created" | "replaced" | "active"> {
    const document = waitingJob(job);
    // Nearly every id is new, and the database refuses the others, if it can.
    if (!this.#repeatedIds && (await this.#insert(document))) return "created";
    for (;;) {
      const existing = await this.#newest(job.id, { "result_data.job_state": 1 });
      if (existing === null) {
        if (await this.#insert(document)) return "created";
        continue;
      }
      const state = existing.result_data.job_state;
      if (state !== "waiting" && !isTerminal(state ?? "")) return "active";
      const unchanged = { _id: existing._id, "result_data.job_state": state } as Filter<JobDocument>;
      if ((await this.#jobs.replaceOne(unchanged, document)).matchedCount === 1) return "replaced";
    }
  }

  async find(id: string): Promise<Job | null> {
    const document = newestOf(await this.#whole.all(id));
    return document && jobOf(document);
  }

  async history(id: string): Promise<StateChange[]> {
    return (await this.#newest(id, { state_history: 1 }))?.state_history ?? [];
  }

  async summary(id: string): Promise<JobSummary | null> {
    const document = newestOf(await this.#summaries.all(id));
    return document && summaryOf(document);
  }

  async summaryWithPosition(id: string): Promise<{ summary: JobSummary; position: number | null } | null> {
    const document = newestOf(await this.#summaries.all(id));
    return document && { summary: summaryOf(document), position: await this.#positions.of(document) };
  }

  async acknowledge(id: string): Promise<void> {
    await this.#updateNewest(id, [WITHOUT_LEASE]);
  }

  async report(id: string, results: JobResults, now: Date): Promise<{ state: string; stateChanged: boolean } | null> {
    const { state, status, deviceInfo } = results;
    const changes: Document = {};
    // `$literal`: the values come from agents and may look like expressions.
    if (state !== undefined)
      changes["result_data.job_state"] = { $cond: [ENDED, "$result_data.job_state", { $literal: state }] };
    if (state !== undefined) changes.state_history = historyWith(state, now);
    if (state !== undefined && isTerminal(state)) changes.ended_at = { $cond: [ENDED, "$ended_at", now] };
    if (status !== undefined) changes["result_data.status"] = { $literal: status };
    if (deviceInfo !== undefined) changes["result_data.device_info"] = { $literal: deviceInfo };
    const before = await this.#updateNewest(
      id,
      Object.keys(changes).length > 0 ? [{ $set: changes }, WITHOUT_LEASE] : [WITHOUT_LEASE],
    );
    if (before === null) return null;
    const after = state === undefined || isTerminal(before) ? before : state;
    return { state: after, stateChanged: after !== before };
  }

  async cancel(id: string, now: Date): Promise<boolean> {
    const before = await this.#updateNewest(id, [
      {
        $set: {
          "result_data.job_state": { $cond: [ENDED, "$result_data.job_state", "cancelled"] },
          ended_at: { $cond: [ENDED, "$ended_at", now] },
        },
      },
      WITHOUT_LEASE,
    ]);
    return before !== null && !isTerminal(before);
  }

  async completeAttachments(id: string): Promise<boolean> {
    const { matchedCount } = await this.#jobs.updateOne(
      { job_id: id, "result_data.job_state": "waiting", "job_data.attachments_status": "waiting" },
      { $set: { "job_data.attachments_status": "complete" } },
    );
    return matchedCount === 1;
  }

  async position(id: string): Promise<number | null> {
    return (await this.summaryWithPosition(id))?.position ?? null;
  }

  search({ tags, match, states, active }: JobSearch): Promise<JobListing[]> {
    const filter: Document = {};
    if (tags.length > 0) filter["job_data.tags"] = match === "all" ? { $all: tags } : { $in: tags };
    if (active) filter["result_data.job_state"] = { $nin: TERMINAL_STATES };
    else if (states.length > 0) filter["result_data.job_state"] = { $in: states };
    return this.#list(filter, { created_at: -1, _id: -1 });
  }

  inQueue(queue: string): Promise<JobListing[]> {
    return this.#list({ "job_data.job_queue": queue }, { created_at: 1, _id: 1 });
  }

  children(parent: string, submitter: string | undefined): Promise<JobListing[]> {
    const filter = { "job_data.parent_job_id": parent, submitter: submitter ?? { $exists: false } };
    return this.#list(filter, { created_at: 1, _id: 1 });
  }

  async states(ids: readonly string[]): Promise<Map<string, string>> {
    const listings = await this.#list({ job_id: { $in: ids } }, { created_at: 1, _id: 1 });
    return new Map(listings.map(({ id, state }) => [id, state]));
  }

  #insert(document: Omit<JobDocument, "_id">): Promise<boolean> {
    return this.#insertions.add({ ...document } as JobDocument);
  }

  #newest(id: string, projection: Document): Promise<JobDocument | null> {
    return this.#jobs.findOne({ job_id: id }, { ...this.#newestFirst, projection });
  }

  /** Answers the state before the update; null for an unknown job. */
  async #updateNewest(id: string, pipeline: Document[]): Promise<string | null> {
    const before = await this.#jobs.findOneAndUpdate({ job_id: id }, pipeline, {
      ...this.#newestFirst,
      returnDocument: "before",
      projection: { "result_data.job_state": 1 },
    });
    return before && (before.result_data.job_state ?? "");
  }

  #list(filter: Document, sort: Sort): Promise<JobListing[]> {
    return this.#jobs
      .find(filter as Filter<JobDocument>, { projection: LISTING_FIELDS, sort })
      .map(listingOf)
      .toArray();
  }
}

const newestOf = (documents: readonly JobDocument[]): JobDocument | null =>
  documents.length < 2 ? (documents[0] ?? null) : documents.toSorted(byAge).at(-1)!;

const byAge = (one: JobDocument, other: JobDocument): number =>
  Number(one.created_at ?? 0) - Number(other.created_at ?? 0) ||
  (one._id.toHexString() < other._id.toHexString() ? -1 : 1);
