import type { LogType } from "../../shared/phases.ts";
import type { Phase } from "../../shared/phases.ts";
import type { JsonDocument } from "./decode.ts";
import { HttpError } from "./errors.ts";
import { followLog, type LogEvent } from "./log-stream.ts";
import { path, query } from "./path.ts";
import type { Requester } from "./requester.ts";
import { type DownloadedPiece, resumableDownload } from "./resumable-download.ts";
import { anyObject } from "./shapes.ts";

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
   * The archive that the job left, as stored: no content coding is undone. It goes on where a broken transfer was left.
   *
   * Iterating throws {HttpError} for a status that brings no archive (a 403 is never the VPN page here, cli section 4.2), and
   * {ConnectionFailure} when there is no answer.
   */
  artifact(jobId: string): AsyncIterable<DownloadedPiece> {
    const target = path`/v1/result/${jobId}/artifact`;
    return resumableDownload(async (continuation) => {
      const range = continuation && { Range: `bytes=${continuation.start}-`, "If-Range": continuation.etag };
      const answer = await this.requester.open(target, { method: "GET", headers: range, undecoded: true });
      if ([200, 206, 416].includes(answer.status)) return answer;
      const body = await answer.text();
      throw new HttpError(answer.status, body, body);
    }, this.requester);
  }
}
