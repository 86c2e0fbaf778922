import type { LogType, Phase } from "../../shared/phases.ts";

/** A piece of a log. One counter per job and log type runs across all phases (data section 3.2). */
export interface LogFragment {
  readonly jobId: string;
  readonly type: LogType;
  readonly phase: Phase;
  readonly number: number;
  /** The agent's time. */
  readonly timestamp: Date;
  readonly data: string;
}

export interface LogQuery {
  jobId: string;
  type: LogType;
  /** Lowest fragment number wanted. */
  from?: number;
  /** Earliest timestamp wanted (inclusive). */
  since?: Date;
  phase?: Phase;
  /** At most so many fragments, the lowest numbers first. */
  limit?: number;
}

export interface LogStore {
  /**
   * Keeps a fragment once per (job, type, number). `repeated`: the same phase and text are there already; `conflicting`: others are, and stay.
   * Databases of the reference may hold several fragments of one number; they are all read.
   */
  append(fragment: LogFragment, now: Date): Promise<"stored" | "repeated" | "conflicting">;
  /** Ascending by number, then insertion. */
  read(query: LogQuery): Promise<LogFragment[]>;
  /** Highest fragment number of each of the logs; those without fragments are left out. Keys are `${jobId}/${type}`. */
  latest(logs: readonly { jobId: string; type: LogType }[]): Promise<Map<string, number>>;
  remove(jobId: string): Promise<void>;
}
