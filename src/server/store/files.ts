/** What a job's file is for; the stored name is `<job id>.attachments` or `<job id>.artifact` (data section 3.3). */
export type FileKind = "attachments" | "artifact";

export interface StoredFile {
  /** Bytes. */
  readonly length: number;
  /** The content in chunks of at most 255 KiB; reading slowly holds no more than a chunk in memory. Cancelling it frees the cursor. */
  readonly content: ReadableStream<Uint8Array>;
}

export interface FileStore {
  /**
   * Stores a file in chunks of 255 KiB as they arrive. Readers see the previous version until the whole file is there; then older
   * versions are removed. When the source fails or is cut off nothing of it stays, and the error is thrown on.
   */
  save(jobId: string, kind: FileKind, content: AsyncIterable<Uint8Array>, now: Date): Promise<{ length: number }>;
  /** The newest complete version. */
  open(jobId: string, kind: FileKind): Promise<StoredFile | null>;
  remove(jobId: string): Promise<void>;
}
