import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { Store } from "../store/store.ts";
import { AppendSuperseded, type Upload } from "../store/uploads.ts";
import { assertFileId, awaitingJob, notWaiting } from "./awaited.ts";
import { garbageCollection } from "./garbage.ts";
import { GrowingDigests } from "./growing-digests.ts";
import { tooLarge } from "./multipart.ts";

/** Begins to read a part of at most so many bytes. It is not touched when it is not wanted. */
export type OpenPart = (room: number) => AsyncIterable<Uint8Array>;

export interface UploadServiceOptions {
  store: Pick<Store, "jobs" | "uploads">;
  /** Bytes of attachments at the most. */
  limit: number;
  /** With ownership of jobs enforced: throws if the caller may not change the job. */
  assertOwner: (caller: Caller, jobId: string) => Promise<void>;
  /** A job of the queue has got its attachments: agents may have it now. */
  onAvailable: (queue: string) => void;
  newId: () => string;
  now: () => Date;
}

/** How far an upload is; without an id when the job has its attachments already and wants no more. */
export type Progress = Pick<Upload, "length" | "received" | "isComplete"> & { readonly id?: string };

/**
 * Attachments that arrive in parts, so that a lost connection costs only what was on its way; after the IETF draft "Resumable Uploads for HTTP"
 * (draft-ietf-httpbis-resumable-upload). The parts of one upload may come through several servers, and with several access tokens.
 */
export class UploadService {
  private readonly digests = new GrowingDigests();
  private readonly checks = new Map<string, Promise<boolean>>();

  constructor(private readonly options: UploadServiceOptions) {}

  /** Begins the upload of a job, or goes on with the one of the same content. */
  async begin(
    caller: Caller,
    jobId: string,
    content: Pick<Upload, "length" | "sha256">,
  ): Promise<{ upload: Progress; isNew: boolean }> {
    const { store, limit, assertOwner, newId, now } = this.options;
    const job = await awaitingJob(store.jobs, jobId);
    if (!job) return { upload: { length: content.length, received: content.length, isComplete: true }, isNew: false };
    await assertOwner(caller, jobId);
    if (content.length > limit) throw tooLarge(limit);
    const id = newId();
    const upload = await store.uploads.begin({ id, jobId, ...content }, now());
    return { upload, isNew: upload.id === id };
  }

  /** How far the upload is. Ends the request that appends to it, if there is one, so that the next can begin where this tells. */
  async locate(caller: Caller, jobId: string, id: string): Promise<Progress> {
    const { store, assertOwner, now } = this.options;
    assertFileId(jobId);
    await assertOwner(caller, jobId);
    return (await store.uploads.halt(jobId, id, now())) ?? gone(id);
  }

  /** Appends a part to the upload of a waiting job. What arrived is kept, whatever ends the part. */
  async append(caller: Caller, jobId: string, id: string, offset: number, open: OpenPart): Promise<Progress> {
    const { store, now } = this.options;
    const upload = await this.found(caller, jobId, id);
    if (upload.isComplete || !(await awaitingJob(store.jobs, jobId))) return { ...upload, isComplete: true };
    if (offset !== upload.received) throw mismatch(upload.received);
    const part = this.digests.following(id, offset, open(upload.length - offset));
    try {
      const appended = await store.uploads.append(upload, offset, part, now);
      if (appended) return appended;
    } catch (error) {
      // Other errors than that of the part: nobody knows how much of it is stored.
      if (!(error instanceof Problem)) this.digests.forget(id);
      if (error instanceof AppendSuperseded) throw new Problem(409, "A later request appends to this upload.");
      throw error;
    }
    throw mismatch((await this.found(caller, jobId, id)).received);
  }

  /**
   * Ends an upload of which everything was received: checks its SHA-256, and makes it the job's attachments as an upload in one piece does. May be
   * repeated after a lost answer, also when an agent has the job by then.
   */
  async complete(caller: Caller, jobId: string, id: string): Promise<void> {
    const { store, onAvailable, now } = this.options;
    const upload = await this.found(caller, jobId, id);
    if (!upload.isComplete && (await awaitingJob(store.jobs, jobId))) {
      await this.assertWhole(upload);
      // Cancelled, or served by another upload, while it was checked.
      const isWanted = (await awaitingJob(store.jobs, jobId)) !== null;
      if (isWanted && !(await store.uploads.complete(jobId, id, now()))) gone(id);
    }
    const isNews = await store.jobs.completeAttachments(jobId);
    const job = await store.jobs.summary(jobId);
    if (job?.attachments !== "complete") throw notWaiting(jobId);
    if (isNews) onAvailable(job.queue);
  }

  private async found(caller: Caller, jobId: string, id: string): Promise<Upload> {
    const { store, assertOwner } = this.options;
    assertFileId(jobId);
    await assertOwner(caller, jobId);
    return (await store.uploads.find(jobId, id)) ?? gone(id);
  }

  private async assertWhole(upload: Upload): Promise<void> {
    if (upload.received < upload.length) throw mismatch(upload.received);
    // Gigabytes take longer than clients and proxies wait: who asks again waits for the same check.
    const check = this.checks.get(upload.id) ?? this.isWhole(upload).finally(() => this.checks.delete(upload.id));
    this.checks.set(upload.id, check);
    if (await check) return;
    // Nobody can tell which bytes are wrong.
    await this.options.store.uploads.discard(upload.jobId, upload.id);
    throw new Problem(400, "The SHA-256 of what has arrived is not the announced one. Begin a new upload.");
  }

  private async isWhole(upload: Upload): Promise<boolean> {
    const { uploads } = this.options.store;
    const known = this.digests.take(upload.id, upload.length);
    const digest = known ?? (await digestOf((await uploads.content(upload)) ?? gone(upload.id)));
    return digest === upload.sha256;
  }
}

async function digestOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  const passes = garbageCollection();
  for await (const piece of content) {
    passes(piece);
    hasher.update(piece);
  }
  return hasher.digest("hex");
}

const gone = (id: string): never => {
  throw new Problem(404, `There is no upload ${id} of this job (any more). Begin a new one.`);
};

const mismatch = (received: number): Problem =>
  new Problem(409, `The next part begins at byte ${received}.`, { headers: { "upload-offset": String(received) } });
