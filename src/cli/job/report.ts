import { HttpError } from "../api/errors.ts";
import { isObject } from "../api/shapes.ts";
import { jobsAhead, lightState, progressOfResult, progressOfState } from "../poll/followed-job.ts";
import { reservationEnd } from "../poll/status.ts";
import type { Session } from "../session.ts";
import { explainedForJob } from "./unknown-job.ts";

/** Everything about a job that a server tells, in one place (W45). What is not known, or does not apply, is null. */
export interface JobReport {
  readonly job_id: string;
  readonly job_state: string;
  readonly name: string | null;
  readonly queue: string | null;
  readonly tags: readonly string[];
  /** Waiting jobs ahead of this one. */
  readonly position: number | null;
  readonly agent: string | null;
  /** What the agent says about the device. */
  readonly device_info: Readonly<Record<string, unknown>> | null;
  /** Exit codes of the phases that have ended. */
  readonly phases: Readonly<Record<string, number>>;
  /** ISO 8601, as are the other times. */
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** Only while the device is reserved. */
  readonly reservation_ends_at: string | null;
  /** `user@address` of a reserved device. */
  readonly connect_to: string | null;
}

/** The fields of a report, for help. */
export const JOB_REPORT_FIELDS: Readonly<Record<keyof JobReport, string>> = {
  job_id: "id of the job",
  job_state: "as `status` prints it",
  name: "name in the job file",
  queue: "queue of the job",
  tags: "list of the tags in the job file",
  position: "waiting jobs ahead of this one",
  agent: "agent that took the job",
  device_info: "what the agent says about the device",
  phases: "exit codes of the phases that have ended",
  created_at: "when the job was submitted, ISO 8601",
  started_at: "when an agent took it",
  ended_at: "when it ended",
  reservation_ends_at: "end of the reservation, while the device is reserved",
  connect_to: "user@address of the reserved device",
};

type Fields = Readonly<Record<string, unknown>>;

/**
 * Asks for everything about a job: of a server of ours, or of a reference server, which knows less.
 * @throws CliError when the job is unknown, and as the requests
 */
export async function reportOn(jobId: string, { api }: Pick<Session, "api">): Promise<JobReport> {
  try {
    const [state, { value: job }] = await Promise.all([lightState(api, jobId), api.jobs.get(jobId)]);
    // The light route leaves the logs out, and the device with them; a job that waits has neither.
    const result: Fields = state?.job_state === "waiting" ? {} : (await api.results.get(jobId)).value;
    const progress = state ? progressOfState(state) : progressOfResult(result);
    const isWaiting = progress.state === "waiting";
    return {
      job_id: jobId,
      job_state: progress.state,
      name: textOf(job.name),
      queue: textOf(state?.queue) ?? textOf(job.job_queue),
      tags: Array.isArray(job.tags) ? job.tags.map(String) : [],
      position: isWaiting ? (progress.position ?? (await jobsAhead(api, jobId))) : null,
      agent: textOf(state?.agent),
      device_info: isObject(result.device_info) ? result.device_info : null,
      phases: progress.exitCodes,
      created_at: textOf(state?.created_at),
      started_at: textOf(state?.started_at),
      ended_at: textOf(state?.ended_at),
      ...(progress.state === "reserve" ? reservationIn(result.reserve_output) : NO_RESERVATION),
    };
  } catch (error) {
    throw error instanceof HttpError ? explainedForJob(error) : error;
  }
}

type Reservation = Pick<JobReport, "reservation_ends_at" | "connect_to">;
const NO_RESERVATION: Reservation = { reservation_ends_at: null, connect_to: null };

/** What the agent has told the person who reserved the device. */
function reservationIn(output: unknown): Reservation {
  const lines = typeof output === "string" ? output.split("\n") : [];
  const end = lines.map(reservationEnd).findLast((date) => date !== undefined);
  const address = lines.map((line) => /You can now connect to (\S{1,255}@\S{1,255})/.exec(line)?.[1]);
  return {
    reservation_ends_at: end?.toISOString() ?? null,
    connect_to: address.findLast((text) => text !== undefined) ?? null,
  };
}

const textOf = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);
