import { isTerminal, PHASES } from "../../shared/phases.ts";
import type { FoundJob } from "../api/jobs.ts";

/** States that jobs can be searched by; `active` stands for every one in which a job has not ended. */
export const SEARCH_STATES = ["active", "waiting", ...PHASES, "allocated", "complete", "cancelled"] as const;
export type SearchState = (typeof SEARCH_STATES)[number];

/** What servers refuse to search for, although jobs can be in these states (server-api section 6.7). */
const NOT_SEARCHABLE: readonly SearchState[] = ["waiting", "complete"];

/**
 * The states to ask the server for, so that its answer contains every job in the wanted ones; none asks for all jobs.
 */
export function statesToAsk(wanted: readonly SearchState[]): readonly string[] {
  if (wanted.some(isTerminal)) return wanted.some(isHardToAsk) ? [] : wanted;
  return wanted.some(isHardToAsk) ? ["active"] : wanted;
}

/** A server takes `active` for itself only, and ignores the states beside it. */
const isHardToAsk = (state: SearchState) => state === "active" || NOT_SEARCHABLE.includes(state);

/** Is a job in one of the wanted states? All are when none is named. */
export function isWanted({ job_state: state = "unknown" }: FoundJob, wanted: readonly SearchState[]): boolean {
  const name = state === "completed" ? "complete" : state;
  return wanted.length === 0 || wanted.some((one) => (one === "active" ? !isTerminal(name) : one === name));
}
