import type { JobOverview } from "../../store/jobs.ts";
import { isPhase, isTerminal } from "../../../shared/phases.ts";

/** How a state is coloured. States are text that agents send. */
function toneOf(state: string): string {
  if (state === "waiting") return "waiting";
  if (state === "offline" || state === "maintenance" || state === "cancelled") return "stopped";
  if (isTerminal(state)) return "done";
  return isPhase(state) || state === "running" || state === "allocated" ? "working" : "other";
}

/** The state of a job or an agent. */
export const State = ({ state }: { state: string }) => (
  <span class={`state ${toneOf(state)}`}>{state === "" ? "unknown" : state}</span>
);

/** The phases of a job that failed, with their exit codes: a job is complete however its phases ended. */
export const Outcome = ({ status }: Pick<JobOverview, "status">) => {
  const failed = Object.entries(status).filter(([, code]) => code !== 0);
  return failed.length === 0 ? null : (
    <span class="failed">{` ${failed.map(([phase, code]) => `${phase}: ${code}`).join(", ")}`}</span>
  );
};
