import type { Document, Filter, Sort } from "mongodb";
import { isTerminal, TERMINAL_STATES } from "../../../shared/phases.ts";
import type { Job, JobListing, JobResults, JobSearch, JobStore, JobSummary, NewJob, StateChange } from "../jobs.ts";
import { MongoJobOverviews, POP_ORDER } from "./job-overviews.ts";
import type { Collections } from "./collections.ts";
import { isInserted } from "./errors.ts";
import {
  type JobDocument,
  jobOf,
  LISTING_FIELDS,
  listingOf,
  NO_LEASE,
  SUMMARY_FIELDS,
  summaryOf,
  waitingJob,
} from "./job-document.ts";

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

/** Waiting, with its attachments. */
const READY = {
  "result_data.job_state": "waiting",
  "job_data.attachments_status": { $in: [null, "complete"] },
} as const;

/** Ends the lease. As a stage of its own, since `$set` and `$unset` of one pipeline are. */
const WITHOUT_LEASE = { $unset: "leased_until" };

export class MongoJobStore extends MongoJobOverviews implements JobStore {
  readonly #jobs: Collections["jobs"];

  constructor(collections: Collections) {
    super(collections);
    this.#jobs = collections.jobs;
  }

  async submit(job: NewJob): Promise<"created" | "replaced" | "active"> {
    const document = waitingJob(job);
    for (;;) {
      const existing = await this.#newest(job.id, { "result_data.job_state": 1 });
      if (existing === null) {
        if (await isInserted(this.#jobs.insertOne({ ...document } as JobDocument))) return "created";
        continue;
      }
      const state = existing.result_data.job_state;
      if (state !== "waiting" && !isTerminal(state ?? "")) return "active";
      const unchanged = { _id: existing._id, "result_data.job_state": state } as Filter<JobDocument>;
      if ((await this.#jobs.replaceOne(unchanged, document)).matchedCount === 1) return "replaced";
    }
  }

  async find(id: string): Promise<Job | null> {
    const document = await this.#newest(id);
    return document && jobOf(document);
  }

  async history(id: string): Promise<StateChange[]> {
    return (await this.#newest(id, { state_history: 1 }))?.state_history ?? [];
  }

  async summary(id: string): Promise<JobSummary | null> {
    const document = await this.#newest(id, SUMMARY_FIELDS);
    return document && summaryOf(document);
  }

  async pop(request: { agent: string; queues: readonly string[]; now: Date; leasedUntil?: Date }): Promise<Job | null> {
    const { agent, queues, now, leasedUntil = NO_LEASE } = request;
    const document = await this.#jobs.findOneAndUpdate(
      { ...READY, "job_data.job_queue": { $in: queues }, "job_data.exclude_agents": { $ne: agent } },
      { $set: { "result_data.job_state": "running", started_at: now, agent, leased_until: leasedUntil } },
      { sort: POP_ORDER, returnDocument: "after" },
    );
    return document && jobOf(document);
  }

  async leased({ agent, queues, now }: { agent: string; queues: readonly string[]; now: Date }): Promise<Job | null> {
    const document = await this.#jobs.findOne(
      { agent, leased_until: { $gt: now }, "result_data.job_state": "running", "job_data.job_queue": { $in: queues } },
      { sort: { leased_until: -1 } },
    );
    return document && jobOf(document);
  }

  async release(id: string, agent: string, startedAt: Date): Promise<boolean> {
    const { matchedCount } = await this.#jobs.updateOne(
      { job_id: id, "result_data.job_state": "running", agent, started_at: startedAt, leased_until: { $exists: true } },
      { $set: { "result_data.job_state": "waiting" }, $unset: { started_at: "", agent: "", leased_until: "" } },
    );
    return matchedCount === 1;
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
    const job = await this.#newest(id, { ...LISTING_FIELDS, job_priority: 1 });
    if (job?.result_data.job_state !== "waiting") return null;
    const job_priority = job.job_priority ?? 0;
    return this.#jobs.countDocuments({
      "result_data.job_state": "waiting",
      "job_data.job_queue": job.job_data.job_queue,
      $or: [
        { job_priority: { $gt: job_priority } },
        { job_priority, created_at: { $lt: job.created_at } },
        { job_priority, created_at: job.created_at, _id: { $lt: job._id } },
      ],
    } as Filter<JobDocument>);
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

  queuesWithWork(queues: readonly string[]): Promise<string[]> {
    return this.#jobs.distinct("job_data.job_queue", { ...READY, "job_data.job_queue": { $in: queues } }) as Promise<
      string[]
    >;
  }

  async states(ids: readonly string[]): Promise<Map<string, string>> {
    const listings = await this.#list({ job_id: { $in: ids } }, { created_at: 1, _id: 1 });
    return new Map(listings.map(({ id, state }) => [id, state]));
  }

  #newest(id: string, projection: Document = {}): Promise<JobDocument | null> {
    return this.#jobs.findOne({ job_id: id }, { sort: NEWEST, projection });
  }

  /** Answers the state before the update; null for an unknown job. */
  async #updateNewest(id: string, pipeline: Document[]): Promise<string | null> {
    const before = await this.#jobs.findOneAndUpdate({ job_id: id }, pipeline, {
      sort: NEWEST,
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
