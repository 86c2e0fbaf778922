import type { Phase } from "../../shared/phases.ts";

/** How far a job is. */
export interface Progress {
  readonly state: string;
  /** Exit codes of the phases that have ended. */
  readonly exitCodes: Partial<Readonly<Record<Phase, number>>>;
  /** Jobs ahead in the queue; null when the job does not wait, undefined when the server did not say. */
  readonly position?: number | null | undefined;
}

/** A piece of the log. */
export interface LogPart {
  readonly text: string;
  /** Number of the last fragment in it, or -1. */
  readonly last: number;
  /** The last phase that is in it. */
  readonly phase: Phase | undefined;
}

/** One message of a live stream (design section 4). */
export type StreamEvent =
  | { readonly kind: "fragment"; readonly number: number; readonly text: string }
  | { readonly kind: "state"; readonly state: string }
  | { readonly kind: "end"; readonly state: string };

/** What following a job asks of the server; one log of one job. */
export interface FollowedJob {
  progress(): Promise<Progress>;
  log(startFragment: number): Promise<LogPart>;
  /** Jobs ahead; null when the job no longer waits. */
  position(): Promise<number | null>;
  /** The live log from a fragment on; undefined on a server without streams. */
  stream(startFragment: number, signal: AbortSignal): Promise<AsyncIterable<StreamEvent> | undefined>;
}

/** What happens to a job, in the order in which it is shown. */
export type JobEvent =
  | { readonly kind: "output"; readonly text: string; readonly next: number }
  | { readonly kind: "state"; readonly state: string }
  | { readonly kind: "position"; readonly ahead: number }
  | { readonly kind: "phase-ended"; readonly phase: Phase; readonly exitCode: number };
