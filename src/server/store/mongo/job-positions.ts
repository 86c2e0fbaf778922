import type { Filter } from "mongodb";
import { Batches } from "./batches.ts";
import type { Collections } from "./collections.ts";
import type { JobDocument } from "./job-document.ts";

/** Batches of counts at the same time: a long queue must not hold up the questions about short ones. */
const AT_ONCE = 8;

/** Waiting jobs of the same queue that are handed out before this one. */
const aheadOf = ({ _id, created_at, job_priority = 0, job_data }: JobDocument) =>
  ({
    "result_data.job_state": "waiting",
    "job_data.job_queue": job_data.job_queue,
    $or: [
      { job_priority: { $gt: job_priority } },
      { job_priority, created_at: { $lt: created_at } },
      { job_priority, created_at, _id: { $lt: _id } },
    ],
  }) as Filter<JobDocument>;

/** Places of jobs in their queues. Many may watch one job: it is counted once for all who ask at the same time. */
export class JobPositions {
  readonly #jobs: Collections["jobs"];
  readonly #batches: Batches<JobDocument, number>;

  constructor(jobs: Collections["jobs"], patience: number) {
    this.#jobs = jobs;
    this.#batches = new Batches({ run: (documents) => this.#count(documents), atOnce: AT_ONCE, patience });
  }

  /** How many jobs are ahead; null for a job that does not wait. */
  async of(job: JobDocument): Promise<number | null> {
    return job.result_data.job_state === "waiting" ? this.#batches.do(job) : null;
  }

  #count(jobs: readonly JobDocument[]): Promise<number[]> {
    const counts = new Map<string, Promise<number>>();
    const countOnce = (job: JobDocument): Promise<number> => {
      const id = job._id.toHexString();
      const count = counts.get(id) ?? this.#jobs.countDocuments(aheadOf(job));
      counts.set(id, count);
      return count;
    };
    return Promise.all(jobs.map(countOnce));
  }
}
