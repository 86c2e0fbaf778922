import { isPhase, isTerminal, PHASES } from "../../shared/phases.ts";
import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { FollowedJob, Progress } from "../poll/events.ts";
import { Pace } from "../poll/pace.ts";
import { Trouble } from "../poll/trouble.ts";

/** States that can be waited for. */
export const AWAITED_STATES = [...PHASES, "allocated", "complete", "cancelled"] as const;
export type AwaitedState = (typeof AWAITED_STATES)[number];

/** Exit status when the time is up; `timeout(1)` of the GNU core utilities ends with it too. */
export const TIME_IS_UP = 124;

export interface Waiting {
  readonly job: Pick<FollowedJob, "progress">;
  readonly state: AwaitedState;
  /** Undefined: wait for as long as it takes. */
  readonly timeoutSeconds: number | undefined;
  readonly clock: Context["clock"];
  readonly random: Context["random"];
  readonly log: Log;
  /** Called with every progress that is seen. */
  readonly onProgress: (progress: Progress) => Promise<void>;
}

/**
 * Waits until a job has reached a state. A phase counts as reached also when it is over by the time somebody looks.
 * @returns the progress that reached it
 * @throws CliError when the job has ended without reaching it, and with status 124 when the time is up
 */
export async function waitForState(waiting: Waiting): Promise<Progress> {
  const { timeoutSeconds, clock, state } = waiting;
  const end = new AbortController();
  const reached = untilReached(waiting, end.signal);
  try {
    if (timeoutSeconds === undefined) return await reached;
    const timeIsUp = clock.sleep(timeoutSeconds * 1000, end.signal).then(() => undefined);
    const progress = await Promise.race([reached, timeIsUp]);
    if (progress) return progress;
    throw new CliError(`The job did not reach the state ${state} within ${timeoutSeconds} seconds.`, TIME_IS_UP);
  } finally {
    end.abort();
    reached.catch(() => undefined);
  }
}

async function untilReached(
  { job, state, clock, random, log, onProgress }: Waiting,
  signal: AbortSignal,
): Promise<Progress> {
  const trouble = new Trouble({ clock, random }, log, signal);
  const pace = new Pace();
  for (;;) {
    try {
      const progress = await job.progress();
      trouble.over();
      await onProgress(progress);
      if (hasReached(progress, state)) return progress;
      if (isTerminal(progress.state)) throw new CliError(`The job ended as ${progress.state}, without ${state}.`);
      await clock.sleep(pace.next(), signal);
    } catch (error) {
      signal.throwIfAborted();
      await trouble.waitOut(error);
    }
  }
}

function hasReached({ state, exitCodes }: Progress, wanted: AwaitedState): boolean {
  if (wanted === "complete") return isTerminal(state) && state !== "cancelled";
  if (state === wanted) return true;
  // An agent reports `allocated` for a moment only, between the phase and the next one.
  if (wanted === "allocated") return exitCodes.allocate === 0;
  return isPhase(wanted) && exitCodes[wanted] !== undefined;
}
