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
  /** Fragments from this number on are not wanted. */
  before?: number;
  /** Earliest timestamp wanted (inclusive). */
  since?: Date;
  phase?: Phase;
  /**
   * So many fragments, and those that have the number of the last one: whoever goes on from the next number misses none. Only databases of the
   * reference have several of one number.
   */
  limit?: number;
  /** With a limit: the fragments of the lowest numbers (the default) or of the highest ones. */
  keep?: "first" | "last";
}

/** How much text there is. */
export interface LogExtent {
  /** Line ends. A text that does not close with one has a further, open line. */
  readonly lines: number;
  /** Of UTF-8. */
  readonly bytes: number;
}

/** The part of a log that a phase wrote. */
export interface PhaseExtent extends LogExtent {
  readonly phase: Phase;
  /** Its first fragment. */
  readonly from: number;
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
  /** Extent of the fragments with numbers below `before`, or of the whole log. Reads no text, so that long logs may be numbered and cut. */
  extent(jobId: string, type: LogType, before?: number): Promise<LogExtent>;
  /** Extents by phase, in the order in which the phases began. Reads no text. */
  phases(jobId: string, type: LogType): Promise<PhaseExtent[]>;
  /**
   * The first fragment at whose end so many line ends (at least one) have passed, and the line ends before it: the line of that index begins
   * within it or right behind. Null if the log has fewer.
   */
  afterLines(jobId: string, type: LogType, lines: number): Promise<{ number: number; linesBefore: number } | null>;
  remove(jobId: string): Promise<void>;
}
