import { isPhase, isTerminal, type Phase, PHASES } from "../../shared/phases.ts";
import type { Clock } from "../context.ts";
import type { FollowedJob, JobEvent, Progress } from "./events.ts";
import { Pace } from "./pace.ts";
import type { Trouble } from "./trouble.ts";

/** The reference's state request makes its server send all logs of the job, so it is not made more often than this. */
const STATE_INTERVAL_MS = 10_000;

export interface Following {
  readonly job: FollowedJob;
  readonly startFragment: number;
  readonly phase: Phase | undefined;
  readonly clock: Clock;
  readonly trouble: Trouble;
  readonly signal: AbortSignal;
}

/**
 * Follows a job by asking again and again. The state is always older than the log behind it, so that when a job or a
 * phase has ended, its log has been shown to the end (command-line section 8.3).
 * @param known progress that is recent enough for the first round
 */
export async function* pollEvents(
  { job, startFragment, phase, clock, trouble, signal }: Following,
  known?: Progress,
): AsyncGenerator<JobEvent, void, undefined> {
  const pace = new Pace();
  let next = startFragment;
  let progress = known;
  let askedAt = clock.elapsed();
  for (;;) {
    try {
      const isDue = !progress || progress.state === "waiting" || clock.elapsed() - askedAt >= STATE_INTERVAL_MS;
      if (!progress || (isDue && !isTerminal(progress.state))) {
        askedAt = clock.elapsed();
        const before = progress;
        progress = await job.progress();
        if (before && before.state !== progress.state) pace.quicken();
      }
      const { text, last, phase: latest } = await job.log(next);
      if (last >= 0 && text !== "") {
        next = last + 1;
        pace.quicken();
        yield { kind: "output", text, next };
      }
      yield { kind: "state", state: progress.state };
      const exitCode = phase && progress.exitCodes[phase];
      if (phase && exitCode !== undefined) return yield { kind: "phase-ended", phase, exitCode };
      if (isTerminal(progress.state)) return;
      if (progress.state === "waiting") {
        const ahead = progress.position === undefined ? await job.position() : progress.position;
        if (ahead !== null) yield { kind: "position", ahead };
      }
      if (latest && isBehind(progress.state, latest)) askedAt = Number.NEGATIVE_INFINITY;
      trouble.over();
      await clock.sleep(pace.next(), signal);
    } catch (error) {
      signal.throwIfAborted();
      await trouble.waitOut(error);
    }
  }
}

/** Does the log show a later phase than the one that the job was last known to be in? */
const isBehind = (state: string, latest: Phase): boolean =>
  isPhase(state) && PHASES.indexOf(state) < PHASES.indexOf(latest);
