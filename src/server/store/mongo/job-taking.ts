import { type Filter, ObjectId } from "mongodb";
import type { Job, JobStore } from "../jobs.ts";
import { Batches } from "./batches.ts";
import type { Collections } from "./collections.ts";
import { within } from "./errors.ts";
import { type JobDocument, jobOf, NO_LEASE } from "./job-document.ts";
import { MongoJobOverviews, POP_ORDER } from "./job-overviews.ts";
import { PutBacks } from "./put-backs.ts";

/** Waiting, with its attachments. */
const READY = {
  "result_data.job_state": "waiting",
  "job_data.attachments_status": { $in: [null, "complete"] },
} as const;

/** Back into the queue, at the old place. */
const WAITING = {
  $set: { "result_data.job_state": "waiting" },
  $unset: { started_at: "", agent: "", leased_until: "", take: "" },
} as const;

/** Jobs that a look into queues reads at the most. */
const LOOKED_AT = 32;
/** Queues up to which the database is told which ones are meant: with thousands of names it takes longer to read them than to find all work. */
const QUEUES_NAMED = 500;

type LeaseRequest = Parameters<JobStore["leased"]>[0];

/** How agents get jobs. */
export class MongoJobTaking
  extends MongoJobOverviews
  implements Pick<JobStore, "pop" | "leased" | "release" | "queuesWithWork">
{
  readonly #jobs: Collections["jobs"];
  readonly #patience: number;
  /** Queues whose last taker got a job: the next one is not made to look first. */
  readonly #busy = new Set<string>();
  readonly #looks: Batches<readonly string[], boolean>;
  readonly #leases: Batches<LeaseRequest, JobDocument | null>;
  readonly #work: Batches<readonly string[], string[]>;
  readonly #putBacks: PutBacks;

  constructor(collections: Collections, patience: number) {
    super(collections);
    this.#jobs = collections.jobs;
    this.#patience = patience;
    this.#looks = new Batches({ patience, run: (wanted) => this.#look(wanted) });
    this.#work = new Batches({ patience, run: (wanted) => this.#working(wanted) });
    this.#leases = new Batches({ patience, run: (requests) => this.#latestLeases(requests) });
    this.#putBacks = new PutBacks({ firstPause: patience });
  }

  async pop(request: Parameters<JobStore["pop"]>[0]): Promise<Job | null> {
    const { agent, queues, leasedUntil, expected = queues.some((queue) => this.#busy.has(queue)) } = request;
    const take = new ObjectId();
    let begun = false;
    let givenUp = false;
    const taking = async () => {
      if (!expected && !(await this.#looks.do(queues))) return null;
      if (givenUp) return null;
      begun = true;
      const job = await this.#take(request, take);
      if (job) this.#busy.add(job.definition.job_queue);
      else for (const queue of queues) this.#busy.delete(queue);
      return job;
    };
    try {
      return await within(this.#patience, taking());
    } catch (error) {
      // It may have happened all the same, or happen yet. Under a lease the agent gets the job when it asks again; else nobody would have it.
      if (begun && leasedUntil === undefined)
        this.#putBacks.add(() => within(this.#patience, this.#isTakenBack(take, agent)));
      givenUp = true;
      throw error;
    }
  }

  async leased(request: LeaseRequest): Promise<Job | null> {
    const document = await this.#leases.do(request);
    return document && jobOf(document);
  }

  async release(id: string, agent: string, startedAt: Date): Promise<boolean> {
    const release = () => within(this.#patience, this.#release(id, agent, startedAt));
    try {
      return await release();
    } catch (error) {
      // Whoever puts a job back has nobody to give it to: nobody would try again.
      this.#putBacks.add(async () => {
        await release();
        return true;
      });
      throw error;
    }
  }

  queuesWithWork(queues: readonly string[]): Promise<string[]> {
    return this.#work.do(queues);
  }

  /** Ends what goes on in the background. */
  close(): void {
    this.#putBacks.close();
  }

  async #take(request: Parameters<JobStore["pop"]>[0], take: ObjectId): Promise<Job | null> {
    const { agent, queues, now, leasedUntil } = request;
    const document = await this.#jobs.findOneAndUpdate(
      { ...READY, "job_data.job_queue": { $in: queues }, "job_data.exclude_agents": { $ne: agent } },
      {
        $set: {
          "result_data.job_state": "running",
          started_at: now,
          agent,
          leased_until: leasedUntil ?? NO_LEASE,
          ...(leasedUntil === undefined && { take }),
        },
      },
      // The database gives up when the caller does, so that a take is settled soon after.
      { sort: POP_ORDER, returnDocument: "after", maxTimeMS: this.#patience },
    );
    return document && jobOf(document);
  }

  async #release(id: string, agent: string, startedAt: Date): Promise<boolean> {
    const { matchedCount } = await this.#jobs.updateOne(
      { job_id: id, "result_data.job_state": "running", agent, started_at: startedAt, leased_until: { $exists: true } },
      WAITING,
    );
    return matchedCount === 1;
  }

  async #latestLeases(requests: readonly LeaseRequest[]): Promise<(JobDocument | null)[]> {
    const earliest = new Date(Math.min(...requests.map(({ now }) => now.getTime())));
    const leased = await this.#jobs
      .find(
        {
          agent: { $in: [...new Set(requests.map(({ agent }) => agent))] },
          leased_until: { $gt: earliest },
          "result_data.job_state": "running",
        } as Filter<JobDocument>,
        { sort: { leased_until: -1 } },
      )
      .toArray();
    const isOf =
      ({ agent, queues, now }: LeaseRequest) =>
      (job: JobDocument) =>
        job.agent === agent && job.leased_until! > now && queues.includes(job.job_data.job_queue ?? "");
    return requests.map((request) => leased.find(isOf(request)) ?? null);
  }

  /** May there be a job in one of the queues, for each agent that asks? A few jobs are read; if there are more, only taking one tells. */
  async #look(wanted: readonly (readonly string[])[]): Promise<boolean[]> {
    const found = await this.#jobs
      .find({ ...READY, "job_data.job_queue": { $in: union(wanted) } } as Filter<JobDocument>, {
        projection: { _id: 0, "job_data.job_queue": 1 },
        limit: LOOKED_AT,
      })
      .toArray();
    if (found.length === LOOKED_AT) return wanted.map(() => true);
    const busy = new Set(found.map(({ job_data }) => job_data.job_queue));
    return wanted.map((queues) => queues.some((queue) => busy.has(queue)));
  }

  async #working(wanted: readonly (readonly string[])[]): Promise<string[][]> {
    const named = union(wanted);
    const filter = named.length > QUEUES_NAMED ? READY : { ...READY, "job_data.job_queue": { $in: named } };
    const busy = new Set((await this.#jobs.distinct("job_data.job_queue", filter as Filter<JobDocument>)) as string[]);
    return wanted.map((queues) => queues.filter((queue) => busy.has(queue)));
  }

  async #isTakenBack(take: ObjectId, agent: string): Promise<boolean> {
    const { matchedCount } = await this.#jobs.updateOne(
      { agent, leased_until: NO_LEASE, "result_data.job_state": "running", take },
      WAITING,
    );
    return matchedCount === 1;
  }
}

const union = (wanted: readonly (readonly string[])[]): string[] => [...new Set(wanted.flat())];
