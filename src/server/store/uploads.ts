/** A job's attachments as they arrive in parts. A job has one such upload at the most. */
export interface Upload {
  readonly id: string;
  readonly jobId: string;
  /** Bytes of the whole. */
  readonly length: number;
  /** Of the whole, hexadecimal in small letters. */
  readonly sha256: string;
  /** Bytes that are kept; the next part begins here. */
  readonly received: number;
  /** The whole has become the job's file. */
  readonly isComplete: boolean;
}

export type NewUpload = Pick<Upload, "id" | "jobId" | "length" | "sha256">;

/** Another request has taken over the upload. What this one still brings is not kept. */
export class AppendSuperseded extends Error {
  override readonly name = "AppendSuperseded";
}

/**
 * Uploads that survive lost connections, restarts and changes of the server that receives them.
 *
 * Only the request that came last appends: each takes its turn, and with it ends the turn of the one before. A client that comes again has given up
 * its old connection long before the server notices, so waiting for that one would be waiting for nobody.
 */
export interface UploadStore {
  /**
   * Begins an upload, in place of any other one of the job. One of the same content is gone on with: it is answered as it is, so that a beginning
   * whose answer was lost may be repeated.
   */
  begin(upload: NewUpload, now: Date): Promise<Upload>;
  /** The upload as it stands; null if there is none. */
  find(jobId: string, id: string): Promise<Upload | null>;
  /** The upload, after the end of any turn: what it tells to be received stays so until the next part is appended. */
  halt(jobId: string, id: string, now: Date): Promise<Upload | null>;
  /**
   * Takes a turn and appends what arrives, at most up to the length of the whole. Kept is all that arrived, also when the source fails; then its error
   * is thrown on. Null where no part can begin at `offset`: other bytes were received, or the upload is complete or gone.
   *
   * @throws {AppendSuperseded}
   */
  append(
    upload: Pick<Upload, "jobId" | "id">,
    offset: number,
    content: AsyncIterable<Uint8Array>,
    now: () => Date,
  ): Promise<Upload | null>;
  /** What was received, read back. */
  content(upload: Pick<Upload, "jobId" | "id">): Promise<ReadableStream<Uint8Array> | null>;
  /** Makes the whole the job's attachments, as one that was saved; may be repeated. Null if there is no such upload. */
  complete(jobId: string, id: string, now: Date): Promise<Upload | null>;
  /** Throws away the upload, and what was received unless it is complete. */
  discard(jobId: string, id: string): Promise<void>;
  /** The job wants its upload no longer: ends any turn, and leaves the upload to the next sweep, since gigabytes take a while. */
  expire(jobId: string): Promise<void>;
}

/** Days that an upload is kept after the last part. */
export const UPLOAD_DAYS = 1;
