import { isTerminal } from "../../src/shared/phases.ts";
import type { Job, JobResults, JobStore, NewJob } from "../../src/server/store/jobs.ts";

/** What the model remembers of a job beyond what callers see. */
interface ModelJob extends Job {
  readonly reported: boolean;
}

type Pop = Parameters<JobStore["pop"]>[0];
type Lease = Parameters<JobStore["leased"]>[0];

const rank = (a: Job, b: Job) => b.priority - a.priority || +a.createdAt - +b.createdAt;
const isPoppable = (job: Job) => job.state === "waiting" && job.attachments !== "waiting";

/** The job store as its documentation describes it, one step at a time and without a database. No two jobs have the same age. */
export class JobModel {
  constructor(private readonly jobs: ReadonlyMap<string, ModelJob> = new Map()) {}

  get all(): Job[] {
    return [...this.jobs.values()].map(seen);
  }

  submit(job: NewJob): [JobModel, "created" | "replaced" | "active"] {
    const old = this.jobs.get(job.id);
    if (old && old.state !== "waiting" && !isTerminal(old.state)) return [this, "active"];
    return [this.#with({ ...job, state: "waiting", status: {}, reported: false }), old ? "replaced" : "created"];
  }

  pop({ agent, queues, now, leasedUntil }: Pop): [JobModel, Job | null] {
    const [next] = [...this.jobs.values()]
      .filter(isPoppable)
      .filter(({ definition }) => queues.includes(definition.job_queue) && !definition.exclude_agents?.includes(agent))
      .sort(rank);
    if (next === undefined) return [this, null];
    const job = { ...next, state: "running", startedAt: now, agent, leasedUntil, reported: false };
    return [this.#with(job), seen(job)];
  }

  leased({ agent, queues, now }: Lease): [JobModel, Job | null] {
    const [last] = [...this.jobs.values()]
      .filter((job) => job.state === "running" && !job.reported && job.agent === agent)
      .filter(
        (job) => job.leasedUntil !== undefined && job.leasedUntil > now && queues.includes(job.definition.job_queue),
      )
      .sort((a, b) => +b.leasedUntil! - +a.leasedUntil!);
    return [this, last ? seen(last) : null];
  }

  release(id: string, agent: string, startedAt: Date): [JobModel, boolean] {
    const job = this.jobs.get(id);
    if (job?.state !== "running" || job.reported || job.agent !== agent || +job.startedAt! !== +startedAt)
      return [this, false];
    const { startedAt: _, agent: __, leasedUntil: ___, ...rest } = job;
    return [this.#with({ ...rest, state: "waiting" }), true];
  }

  acknowledge(id: string): [JobModel, undefined] {
    const job = this.jobs.get(id);
    return [job ? this.#with({ ...job, leasedUntil: undefined, reported: true }) : this, undefined];
  }

  report(id: string, given: JobResults, now: Date): [JobModel, { state: string; stateChanged: boolean } | null] {
    const job = this.jobs.get(id);
    if (job === undefined) return [this, null];
    const state = isTerminal(job.state) ? job.state : (given.state ?? job.state);
    const changed: ModelJob = {
      ...job,
      state,
      status: given.status ?? job.status,
      deviceInfo: given.deviceInfo ?? job.deviceInfo,
      endedAt: job.endedAt ?? (isTerminal(state) ? now : undefined),
      leasedUntil: undefined,
      reported: true,
    };
    return [this.#with(changed), { state, stateChanged: state !== job.state }];
  }

  cancel(id: string, now: Date): [JobModel, boolean] {
    const job = this.jobs.get(id);
    if (job === undefined || isTerminal(job.state)) return [this, false];
    return [this.#with({ ...job, state: "cancelled", endedAt: now }), true];
  }

  completeAttachments(id: string): [JobModel, boolean] {
    const job = this.jobs.get(id);
    if (job?.state !== "waiting" || job.attachments !== "waiting") return [this, false];
    return [this.#with({ ...job, attachments: "complete" }), true];
  }

  position(id: string): [JobModel, number | null] {
    const job = this.jobs.get(id);
    if (job?.state !== "waiting") return [this, null];
    const { job_queue: queue } = job.definition;
    const waiting = [...this.jobs.values()].filter(
      ({ state, definition }) => state === "waiting" && definition.job_queue === queue,
    );
    return [this, waiting.filter((other) => rank(other, job) < 0).length];
  }

  queuesWithWork(queues: readonly string[]): [JobModel, string[]] {
    const working = new Set([...this.jobs.values()].filter(isPoppable).map(({ definition }) => definition.job_queue));
    return [this, queues.filter((queue) => working.has(queue))];
  }

  #with(job: ModelJob): JobModel {
    return new JobModel(new Map(this.jobs).set(job.id, job));
  }
}

/** The job as callers see it. Whether a lease of a job that does not run is still noted is the store's own affair. */
export function seen(remembered: Job & { reported?: boolean }): Job {
  const { reported: _, ...job } = remembered;
  return job.state === "running" ? job : { ...job, leasedUntil: undefined };
}
