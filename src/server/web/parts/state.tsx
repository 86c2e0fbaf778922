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
