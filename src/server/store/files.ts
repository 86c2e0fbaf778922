/** What a job's file is for; the stored name is `<job id>.attachments` or `<job id>.artifact` (data section 3.3). */
export type FileKind = "attachments" | "artifact";

/** Bytes of a file, from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export interface StoredFile {
  /** Bytes. */
  readonly length: number;
  /** Tells this content of the file from every other one that it ever has; letters, digits and hyphens. */
  readonly version: string;
  /**
   * All bytes or those of a range, in chunks of at most 255 KiB; reading slowly holds no more than a chunk in memory. Fails when the file is
   * replaced or removed meanwhile.
   */
  content(range?: ByteRange): ReadableStream<Uint8Array>;
}

export interface FileStore {
  /**
   * Stores a file in chunks of 255 KiB as they arrive. Readers see the previous version until the whole file is there; then older
   * versions are removed. When the source fails or is cut off nothing of it stays, and the error is thrown on.
   */
  save(jobId: string, kind: FileKind, content: AsyncIterable<Uint8Array>, now: Date): Promise<{ length: number }>;
  /** The newest complete version. */
  open(jobId: string, kind: FileKind): Promise<StoredFile | null>;
  /** Removes the job's files, and its upload. */
  remove(jobId: string): Promise<void>;
}
