import type { JsonDocument } from "./decode.ts";
import { UnexpectedAnswer } from "./errors.ts";
import { AttachmentUpload } from "./attachment-upload.ts";
import type { UploadProgress } from "./file-upload.ts";
import { path, query } from "./path.ts";
import { printableLine } from "./printable.ts";
import type { Requester } from "./requester.ts";
import type { ServerInfoSource } from "./server-info.ts";
import { anyObject, isObject, isText, arrayOf, objectWith } from "./shapes.ts";

/** A job as it was submitted, plus what the server added. */
export type Job = Record<string, unknown>;

/** Where a job is, from servers that offer it (design section 4); missing fields are not known. */
export interface JobState {
  readonly job_state: string;
  readonly [field: string]: unknown;
}

export interface FoundJob {
  readonly job_id: string;
  readonly job_state?: string;
  readonly created_at?: unknown;
}

export interface JobSearch {
  readonly tags?: readonly string[];
  readonly match?: "any" | "all";
  readonly states?: readonly string[];
}

/** Requests about jobs (server-api sections 6.1 to 6.9). */
export class Jobs {
  constructor(
    private readonly requester: Requester,
    private readonly info: ServerInfoSource,
    private readonly uploadTimeoutMs: number,
  ) {}

  /** 204: unknown job. 400: malformed id. */
  get(jobId: string): Promise<JsonDocument<Job>> {
    return this.requester.getDocument(path`/v1/job/${jobId}`, anyObject<Job>());
  }

  /** Servers without this route answer 404. */
  state(jobId: string): Promise<JobState> {
    const target = path`/v1/job/${jobId}/state`;
    return this.requester.getJson(target, objectWith<JobState>({ job_state: isText }), { ownConnection: true });
  }

  /** Number of jobs that are ahead in the queue. 410: the job does not wait any more. */
  async position(jobId: string): Promise<number> {
    const text = (await this.requester.get(path`/v1/job/${jobId}/position`)).trim();
    if (!/^[+-]?\d{1,15}$/.test(text)) {
      throw new UnexpectedAnswer(`Unexpected position of the job in its queue: ${printableLine(text).slice(0, 80)}`);
    }
    return Number(text);
  }

  /**
   * Submits a job: plain data or lossless JSON.
   *
   * @returns the id that the server gave it; undefined when it named none
   */
  async submit(job: unknown): Promise<string | undefined> {
    const answer = await this.requester.sendJson("POST", path`/v1/job`, job, anyObject<{ job_id?: unknown }>());
    return isText(answer.job_id) ? answer.job_id : undefined;
  }

  /** 400: malformed id, unknown job, or a job that has ended. */
  async cancel(jobId: string): Promise<void> {
    await this.requester.send("POST", path`/v1/job/${jobId}/action`, { action: "cancel" });
  }

  /** The upload of the archive that a submitted job waits for (cli section 7.7). Nothing is sent before its `send`. */
  upload(jobId: string, archive: string, progress?: (progress: UploadProgress) => void): AttachmentUpload {
    const target = path`/v1/job/${jobId}/attachments`;
    const idleTimeoutMs = this.uploadTimeoutMs;
    return new AttachmentUpload(this.requester, this.info, { target, file: archive, idleTimeoutMs, progress });
  }

  search({ tags = [], match, states = [] }: JobSearch): Promise<FoundJob[]> {
    const parameters = [
      ...tags.map((tag) => ["tags", tag] as const),
      ...(match ? [["match", match] as const] : []),
      ...states.map((state) => ["state", state] as const),
    ];
    return this.requester.getJson(path`/v1/job/search` + query(parameters), arrayOf(isFoundJob));
  }
}

const isFoundJob = (value: unknown): value is FoundJob => isObject(value) && isText(value.job_id);
