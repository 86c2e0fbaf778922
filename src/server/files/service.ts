import type { Caller } from "../http/caller.ts";
import type { Logger } from "../log/logger.ts";
import type { FileKind, StoredFile } from "../store/files.ts";
import type { Store } from "../store/store.ts";
import { assertFileId, awaitingJob } from "./awaited.ts";

/** Begins to read an upload of at most so many bytes. It is not touched when it is not wanted. */
export type OpenUpload = (limit: number) => Promise<AsyncIterable<Uint8Array>>;

export interface FileServiceOptions {
  store: Pick<Store, "jobs" | "files">;
  /** Bytes of one file at the most. */
  limits: Readonly<Record<FileKind, number>>;
  /** With ownership of jobs enforced: throws if the caller may not change the job. */
  assertOwner: (caller: Caller, jobId: string) => Promise<void>;
  /** A job of the queue has got its attachments: agents may have it now. */
  onAvailable: (queue: string) => void;
  now: () => Date;
  log: Logger;
}

/** Attachments that a job needs and artifacts that it leaves (server-api sections 6.5, 6.6, 6.13, 6.14). */
export class FileService {
  constructor(private readonly options: FileServiceOptions) {}

  /**
   * Stores the attachments of a waiting job and makes it available to agents. Whether the job wants them is looked at before the upload is read,
   * and again at its end: a job that was cancelled or has got them meanwhile keeps what it has.
   */
  async receiveAttachments(caller: Caller, jobId: string, open: OpenUpload): Promise<void> {
    const { store, limits, now } = this.options;
    const job = await awaitingJob(store.jobs, jobId);
    if (!job) return;
    await this.options.assertOwner(caller, jobId);
    const upload = await open(limits.attachments);
    try {
      await store.files.save(jobId, "attachments", this.whileAwaited(jobId, upload), now());
    } catch (error) {
      if (error instanceof Superseded) return;
      throw error;
    }
    if (await store.jobs.completeAttachments(jobId)) this.options.onAvailable(job.queue);
    else await awaitingJob(store.jobs, jobId);
  }

  /**
   * Stores what a job has left, in place of an earlier artifact. That of an unknown job is read over and not kept: agents would repeat any other
   * answer for ever.
   */
  async receiveArtifact(jobId: string, open: OpenUpload): Promise<void> {
    assertFileId(jobId);
    const { store, limits, now, log } = this.options;
    const known = (await store.jobs.summary(jobId)) !== null;
    const upload = await open(limits.artifact);
    if (known) await store.files.save(jobId, "artifact", upload, now());
    else {
      for await (const _chunk of upload);
      log.warn("artifact for an unknown job", { job_id: jobId });
    }
  }

  /** The newest whole upload; null if there is none. */
  async open(jobId: string, kind: FileKind): Promise<StoredFile | null> {
    assertFileId(jobId);
    return this.options.store.files.open(jobId, kind);
  }

  private async *whileAwaited(jobId: string, upload: AsyncIterable<Uint8Array>) {
    yield* upload;
    if (!(await awaitingJob(this.options.store.jobs, jobId))) throw new Superseded();
  }
}

/** Another upload was faster. */
class Superseded extends Error {}
