import type { JobDefinition } from "../../shared/job/definition.ts";
import type { Phase } from "../../shared/phases.ts";

/** A stored job (data section 3.1). */
export interface Job {
  readonly id: string;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** As submitted and validated, without its id; keys in schema order. */
  readonly definition: JobDefinition;
  /** Absent: the job has no attachments. While `waiting` no agent gets the job. */
  readonly attachments?: "waiting" | "complete";
  /** Whose secrets the job reads; present only when it uses secrets. */
  readonly secretsOwner?: string;
  /** Client id of the submitter; absent for anonymous callers and in databases of the reference. */
  readonly submitter?: string;
  readonly priority: number;
  readonly state: string;
  readonly status: Partial<Record<Phase, number>>;
  readonly deviceInfo?: Record<string, unknown>;
  /** The agent that took the job last. */
  readonly agent?: string;
  /** Until when the job is handed again to the agent that took it, because it has not reported on it yet. */
  readonly leasedUntil?: Date;
  /** Flattened results (`test_output`, `test_status` …) that very old documents carry; passed on as they are. */
  readonly legacyResults?: Record<string, unknown>;
}

/** When a job came into a state, by the server's clock. */
export interface StateChange {
  readonly state: string;
  readonly at: Date;
}

/** What a state poll needs: no definition, so that it costs the same for every job. */
export type JobSummary = Pick<
  Job,
  | "id"
  | "createdAt"
  | "startedAt"
  | "endedAt"
  | "state"
  | "status"
  | "agent"
  | "priority"
  | "leasedUntil"
  | "submitter"
  | "attachments"
> & { readonly queue: string };

export type NewJob = Pick<
  Job,
  "id" | "createdAt" | "definition" | "attachments" | "secretsOwner" | "submitter" | "priority"
>;

export interface JobListing {
  readonly id: string;
  readonly createdAt: Date;
  readonly state: string;
  readonly queue: string;
}

/** A job as lists for people show it. */
export type JobOverview = JobListing &
  Pick<Job, "startedAt" | "endedAt" | "status" | "agent" | "submitter" | "priority" | "attachments"> & {
    readonly name?: string;
    readonly tags: readonly string[];
  };

/** Conditions on jobs that hold together; an absent one holds for every job. */
export interface JobFilter {
  /**
   * Any of these states; `active` stands for every state but the final ones, `started` for those of them in which an agent has the job. Empty: every
   * state.
   */
  states?: readonly string[];
  queue?: string;
  tag?: string;
  submitter?: string;
  agent?: string;
  /** Submitted at this time or later. */
  since?: Date;
  /** Submitted before this time. */
  until?: Date;
  /** Part of the id, name, queue, state, submitter or agent, in upper or lower case. */
  text?: string;
}

export interface JobPage {
  readonly jobs: readonly JobOverview[];
  /** Where the next page begins; absent on the last one. Means something to the store only. */
  readonly next?: string;
}

/** Jobs of a queue that have not ended. */
export interface QueueDepth {
  /** Jobs that wait for an agent, also those that await attachments. */
  readonly waiting: number;
  /** Jobs that an agent works on. */
  readonly running: number;
}

export interface JobSearch {
  tags: readonly string[];
  match: "any" | "all";
  /** Empty: every state. */
  states: readonly string[];
  /** Only jobs that have not ended; `states` is then ignored. */
  active: boolean;
}

export interface JobResults {
  state?: string;
  status?: Partial<Record<Phase, number>>;
  deviceInfo?: Record<string, unknown>;
}

export interface JobStore {
  /**
   * Stores a job in state `waiting`. A job of the same id that waits or has ended is replaced as a whole (its logs and files are
   * the caller's to remove); one that an agent is working on stays: `active`.
   */
  submit(job: NewJob): Promise<"created" | "replaced" | "active">;
  find(id: string): Promise<Job | null>;
  /** The last hundred changes of state that agents reported, oldest first; empty for unknown jobs and for those of the reference. */
  history(id: string): Promise<StateChange[]>;
  summary(id: string): Promise<JobSummary | null>;
  /** The summary, and the `position` of the job. */
  summaryWithPosition(id: string): Promise<{ readonly summary: JobSummary; readonly position: number | null } | null>;
  /**
   * Takes the next job for an agent: waiting, in one of the queues, not awaiting attachments, not excluding the agent; highest
   * priority first, then the oldest, then the one inserted first. In one atomic step it becomes `running` with `startedAt` = now,
   * `agent`, and `leasedUntil` (absent: no lease). No job is ever handed out twice. When the call is given up without an answer, a job that was taken
   * without a lease returns to the queue.
   *
   * @param request.expected there is thought to be a job: a store may save itself a look
   */
  pop(request: {
    agent: string;
    queues: readonly string[];
    now: Date;
    leasedUntil?: Date;
    expected?: boolean;
  }): Promise<Job | null>;
  /**
   * The job that this agent took from one of the queues under a lease which has not ended, still `running` and unreported; of several the one
   * whose lease ends last.
   */
  leased(request: { agent: string; queues: readonly string[]; now: Date }): Promise<Job | null>;
  /**
   * Puts a job whose answer could not be delivered back: `running` by this agent since exactly `startedAt` and unreported -> `waiting`,
   * at its old place in the queue. False if that no longer holds.
   */
  release(id: string, agent: string, startedAt: Date): Promise<boolean>;
  /** The agent has reported on the job: its lease ends. */
  acknowledge(id: string): Promise<void>;
  /**
   * Each given field replaces the stored one and the lease ends. The state of an ended job never changes (status and device info
   * still do). `endedAt` is set when the state becomes a terminal one. Answers the state afterwards, null for an unknown job.
   */
  report(id: string, results: JobResults, now: Date): Promise<{ state: string; stateChanged: boolean } | null>;
  /** Any state but a terminal one -> `cancelled`. False for ended and unknown jobs. */
  cancel(id: string, now: Date): Promise<boolean>;
  /** Attachments of a waiting job have arrived. False if the job is not waiting for them (any more). */
  completeAttachments(id: string): Promise<boolean>;
  /**
   * How many waiting jobs of the same queue are ahead, in pop order (0 = next); jobs that await attachments count, as in the reference.
   * Null if the job is not waiting.
   */
  position(id: string): Promise<number | null>;
  /** Newest first. */
  search(search: JobSearch): Promise<JobListing[]>;
  /** A page of at most `limit` jobs, newest first, from the start or from where an earlier page ended. A `from` that is none begins at the start. */
  page(filter: JobFilter, request: { limit: number; from?: string }): Promise<JobPage>;
  /** The first waiting jobs of a queue in pop order; jobs that await attachments are among them. */
  queued(queue: string, limit: number): Promise<JobOverview[]>;
  /** Depths of the given queues, or of all; queues without such jobs are left out. One query, however many queues. */
  depths(queues?: readonly string[]): Promise<Map<string, QueueDepth>>;
  /** All jobs of a queue, oldest first. */
  inQueue(queue: string): Promise<JobListing[]>;
  /** Those of the queues that hold a job which could be popped by some agent. */
  queuesWithWork(queues: readonly string[]): Promise<string[]>;
  /** Jobs of this submitter that name this job as their parent, oldest first; without a submitter those of nobody in particular. */
  children(parent: string, submitter: string | undefined): Promise<JobListing[]>;
  /** States of the given jobs; unknown ids are left out. */
  states(ids: readonly string[]): Promise<Map<string, string>>;
}
