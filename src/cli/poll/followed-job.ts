import { type LogType, type Phase, PHASES } from "../../shared/phases.ts";
import type { ApiClient } from "../api/client.ts";
import { HttpError, UnexpectedAnswer } from "../api/errors.ts";
import type { JobState } from "../api/jobs.ts";
import type { LogEvent } from "../api/log-stream.ts";
import type { LogAnswer } from "../api/results.ts";
import type { FollowedJob, LogPart, Progress, StreamEvent } from "./events.ts";

export interface LogChoice {
  readonly logType: LogType;
  readonly startTimestamp?: string | undefined;
  readonly phase?: Phase | undefined;
}

/** One log of one job at a server: ours with its light routes, or a reference server (design section 4). */
export function followedJob(api: Pick<ApiClient, "jobs" | "results">, jobId: string, choice: LogChoice): FollowedJob {
  const { logType, startTimestamp, phase } = choice;
  let hasStateRoute = true;
  return {
    async progress() {
      if (hasStateRoute) {
        const light = await lightState(api, jobId);
        if (light) return progressOfState(light);
        hasStateRoute = false;
      }
      return progressOfResult((await api.results.get(jobId)).value);
    },
    async log(startFragment) {
      const { value } = await api.results.log(jobId, logType, { startFragment, startTimestamp, phase });
      return combine(value[logType], phase);
    },
    position: () => jobsAhead(api, jobId),
    async stream(from, signal) {
      // The stream knows no timestamps.
      if (startTimestamp !== undefined) return undefined;
      const events = await api.results.follow(jobId, logType, { from, phase, signal });
      return events && streamEvents(events);
    },
  };
}

/** What the server says about a job without sending its logs; null on a server that lacks the route. */
export const lightState = (api: Pick<ApiClient, "jobs">, jobId: string): Promise<JobState | null> =>
  unlessStatus(404, () => api.jobs.state(jobId));

export function progressOfState({ job_state: state, phases, position }: JobState): Progress {
  return { state, exitCodes: exitCodes(phases, (phase) => phase), position: isInteger(position) ? position : null };
}

/** Progress from the result of a job. A job without a state counts as one whose state is not known yet. */
export function progressOfResult(result: Readonly<Record<string, unknown>>): Progress {
  const { job_state: state } = result;
  return {
    state: typeof state === "string" ? state : "unknown",
    exitCodes: exitCodes(result, (phase) => `${phase}_status`),
  };
}

function exitCodes(source: unknown, keyOf: (phase: Phase) => string): Progress["exitCodes"] {
  const codes = source as Readonly<Record<string, unknown>> | null | undefined;
  return Object.fromEntries(
    PHASES.flatMap((phase) => {
      const code = codes?.[keyOf(phase)];
      return isInteger(code) ? [[phase, code]] : [];
    }),
  );
}

const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

/** One text out of the phases of a log answer (command-line section 8.3). */
export function combine(answer: LogAnswer[LogType], phase?: Phase): LogPart {
  const phases = (phase ? [phase] : PHASES).filter((name) => answer?.[name]);
  const excerpts = phases.map((name) => answer![name]!);
  for (const { log_data: text, last_fragment_number: last } of excerpts) {
    if (typeof text !== "string" || !isInteger(last)) throw new UnexpectedAnswer("the log came in an unknown form");
  }
  return {
    text: excerpts.map((excerpt) => excerpt.log_data).join(""),
    last: Math.max(-1, ...excerpts.map((excerpt) => excerpt.last_fragment_number)),
    phase: phases.findLast((name) => answer![name]!.log_data !== ""),
  };
}

/** Jobs ahead in the queue; null when the job no longer waits. */
export const jobsAhead = (api: Pick<ApiClient, "jobs">, jobId: string): Promise<number | null> =>
  unlessStatus(410, () => api.jobs.position(jobId));

async function* streamEvents(events: AsyncIterable<LogEvent>): AsyncGenerator<StreamEvent, void, undefined> {
  for await (const { event, data } of events) {
    const fields = (data ?? {}) as Readonly<Record<string, unknown>>;
    const { fragment_number: number, log_data: text, job_state: state } = fields;
    if (event === "fragment" && isInteger(number) && typeof text === "string") yield { kind: "fragment", number, text };
    else if ((event === "state" || event === "end") && typeof state === "string") yield { kind: event, state };
  }
}

async function unlessStatus<T>(status: number, request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof HttpError && error.status === status) return null;
    throw error;
  }
}
