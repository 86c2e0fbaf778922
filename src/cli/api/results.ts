import type { LogType } from "../../shared/phases.ts";
import type { Phase } from "../../shared/phases.ts";
import type { JsonDocument } from "./decode.ts";
import { HttpError } from "./errors.ts";
import { followLog, type LogEvent } from "./log-stream.ts";
import { path, query } from "./path.ts";
import type { Requester } from "./requester.ts";
import { anyObject } from "./shapes.ts";
import type { Answer } from "./transport.ts";

/** What a job has produced so far: `job_state`, `{phase}_status`, `{phase}_output`, `{phase}_serial`, `device_info`. */
export type JobResult = Record<string, unknown>;

/** Part of the log of one phase. */
export interface LogExcerpt {
  /** Number of the last fragment in the text; -1 when there is none. */
  readonly last_fragment_number: number;
  readonly log_data: string;
}

/** Servers send the asked type and the phases that match; what comes from elsewhere may lack any of it. */
export type LogAnswer = Partial<Record<LogType, Partial<Record<Phase, LogExcerpt>>>>;

export interface LogSelection {
  /** Number of the first fragment that is wanted. */
  readonly startFragment: number;
  /** ISO 8601, as it is sent. */
  readonly startTimestamp?: string;
  readonly phase?: Phase;
}

/** Requests about what jobs produce (server-api sections 6.12, 6.14, 6.16). */
export class Results {
  constructor(private readonly requester: Requester) {}

  /** 204: unknown job. 400: malformed id. The answer holds the job's whole logs. */
  get(jobId: string): Promise<JsonDocument<JobResult>> {
    return this.requester.getDocument(path`/v1/result/${jobId}`, anyObject<JobResult>());
  }

  log(jobId: string, type: LogType, { startFragment, startTimestamp, phase }: LogSelection) {
    const parameters = query([
      ["start_fragment", startFragment],
      ["start_timestamp", startTimestamp],
      ["phase", phase],
    ]);
    return this.requester.getDocument(path`/v1/result/${jobId}/log/${type}` + parameters, anyObject<LogAnswer>());
  }

  /**
   * Follows a log as it grows, beginning with fragment `from` and reconnecting where it was left.
   *
   * @returns undefined when the server has no such stream
   */
  follow(
    jobId: string,
    type: LogType,
    options: { from: number; phase?: Phase; signal?: AbortSignal },
  ): Promise<AsyncIterable<LogEvent> | undefined> {
    return followLog(this.requester, path`/v1/result/${jobId}/log/${type}/stream`, options);
  }

  /**
   * The archive that the job left, as stored: no content coding is undone. Read its `chunks()`.
   *
   * @throws {HttpError} for a status other than 200; a 403 is never the VPN page here (cli section 4.2)
   * @throws {ConnectionFailure} when there is no answer, also while reading
   */
  async artifact(jobId: string): Promise<Answer> {
    const answer = await this.requester.open(path`/v1/result/${jobId}/artifact`, { method: "GET", undecoded: true });
    if (answer.status === 200) return answer;
    const body = await answer.text();
    throw new HttpError(answer.status, body, body);
  }
}
