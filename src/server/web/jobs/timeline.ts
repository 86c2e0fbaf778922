import { isTerminal, PHASES, type Phase } from "../../../shared/phases.ts";
import type { Job, StateChange } from "../../store/jobs.ts";

/** A stretch of a job's life. */
export interface Stretch {
  /** `waiting`, `running`, a phase, or any other state that an agent reported. */
  readonly name: string;
  /** Absent for phases of which only the exit code is known. */
  readonly from?: Date;
  /** Absent while it goes on. */
  readonly to?: Date;
  /** Of a phase that has ended. */
  readonly exitCode?: number;
}

type Times = Pick<Job, "createdAt" | "startedAt" | "endedAt" | "status">;

/** The life of a job in order of time, from its submission; phases that left nothing but an exit code come last. */
export function timeline({ createdAt, startedAt, endedAt, status }: Times, history: readonly StateChange[]): Stretch[] {
  const begun = startedAt ?? history[0]?.at;
  const states: StateChange[] = [
    { state: "waiting", at: createdAt },
    ...(startedAt ? [{ state: "running", at: startedAt }] : []),
    ...history.filter(({ state, at }) => !isTerminal(state) && (begun === undefined || at >= begun)),
  ];
  const stretches = states.map(({ state, at }, index): Stretch => ({
    name: state,
    from: at,
    to: states[index + 1]?.at ?? endedAt,
    exitCode: isLast(states, index) ? status[state as Phase] : undefined,
  }));
  const known = new Set(states.map(({ state }) => state));
  const others = PHASES.filter((phase) => status[phase] !== undefined && !known.has(phase));
  return [...stretches, ...others.map((phase) => ({ name: phase, exitCode: status[phase] }))];
}

/** An agent may come back to a state; its exit code is then that of the last time. */
const isLast = (states: readonly StateChange[], index: number): boolean =>
  !states.slice(index + 1).some(({ state }) => state === states[index]?.state);
