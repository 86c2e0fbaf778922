import { Binary, type Filter, ObjectId } from "mongodb";
import { endOf, grown, readChunks } from "../file-chunks.ts";
import { AppendSuperseded, type NewUpload, type Upload, type UploadStore } from "../uploads.ts";
import type { Collections } from "./collections.ts";
import { isDuplicateKey, translated, upserting } from "./errors.ts";
import type { MongoFileStore } from "./files.ts";

/** Attachments that arrive in parts; unknown to the reference. */
export interface UploadDocument {
  /** Id of the job. */
  readonly _id: string;
  readonly upload_id: string;
  /** The chunks have this file, which becomes one when it is whole. */
  readonly file: ObjectId;
  readonly length: number;
  readonly sha256: string;
  readonly received: number;
  /** Of the request that may append. */
  readonly turn: number;
  readonly complete: boolean;
  readonly updated_at: Date;
}

const toUpload = (document: UploadDocument): Upload => ({
  id: document.upload_id,
  jobId: document._id,
  length: Number(document.length),
  sha256: document.sha256,
  received: Number(document.received),
  isComplete: document.complete,
});

const AFTER = { returnDocument: "after" } as const;

/**
 * Uploads in MongoDB: chunks as GridFS keeps them, whose file comes into being at the end.
 *
 * A chunk and the count of bytes received are two writes. A chunk therefore carries the turn that wrote it, and none of an earlier turn takes the place
 * of one of a later turn: what a request that was overtaken still writes is overwritten or refused, and never counts.
 */
export class MongoUploadStore implements UploadStore {
  readonly #collections: Collections;
  readonly #uploads: Collections["uploads"];
  readonly #chunks: Collections["chunks"];

  constructor(
    collections: Collections,
    private readonly files: Pick<MongoFileStore, "publish" | "withdraw">,
  ) {
    this.#collections = collections;
    this.#uploads = collections.uploads;
    this.#chunks = collections.chunks;
  }

  async begin(upload: NewUpload, now: Date): Promise<Upload> {
    const { id, jobId, length, sha256 } = upload;
    const begun = await upserting(() =>
      this.#uploads.findOneAndUpdate(
        { _id: jobId },
        {
          $setOnInsert: {
            upload_id: id,
            file: new ObjectId(),
            length,
            sha256,
            received: 0,
            turn: 0,
            complete: false,
            updated_at: now,
          },
        },
        { upsert: true, ...AFTER },
      ),
    );
    if (begun!.length === length && begun!.sha256 === sha256) return toUpload(begun!);
    await removeUploads(this.#collections, { _id: jobId, upload_id: begun!.upload_id });
    return this.begin(upload, now);
  }

  async find(jobId: string, id: string): Promise<Upload | null> {
    const document = await this.#uploads.findOne({ _id: jobId, upload_id: id });
    return document && toUpload(document);
  }

  async halt(jobId: string, id: string, now: Date): Promise<Upload | null> {
    const turn = { $inc: { turn: 1 }, $set: { updated_at: now } };
    const document = await this.#uploads.findOneAndUpdate({ _id: jobId, upload_id: id }, turn, AFTER);
    return document && toUpload(document);
  }

  async append(
    { jobId, id }: Pick<Upload, "jobId" | "id">,
    offset: number,
    content: AsyncIterable<Uint8Array>,
    now: () => Date,
  ): Promise<Upload | null> {
    let upload: UploadDocument | null = await this.#uploads.findOneAndUpdate(
      { _id: jobId, upload_id: id, received: offset, complete: false },
      { $inc: { turn: 1 }, $set: { updated_at: now() } },
      AFTER,
    );
    if (!upload) return null;
    const tail = await this.#tailOf(upload);
    for await (const { n, data, received } of grown(content, { offset, length: Number(upload.length), tail })) {
      await this.#putChunk(upload, n, data, now());
      const inTurn: Filter<UploadDocument> = { _id: jobId, upload_id: id, turn: upload.turn };
      const progress = { $set: { received, updated_at: now() } };
      upload = await this.#uploads.findOneAndUpdate(inTurn, progress, AFTER);
      if (!upload) throw new AppendSuperseded();
    }
    return toUpload(upload);
  }

  async content({ jobId, id }: Pick<Upload, "jobId" | "id">): Promise<ReadableStream<Uint8Array> | null> {
    const upload = await this.#uploads.findOne({ _id: jobId, upload_id: id });
    return upload && readChunks((n) => this.#read(upload.file, n), { start: 0, end: Number(upload.received) });
  }

  async complete(jobId: string, id: string, now: Date): Promise<Upload | null> {
    const upload = await this.#uploads.findOne({ _id: jobId, upload_id: id });
    if (!upload || upload.complete) return upload && toUpload(upload);
    // In this order, so that a crash in between leaves an upload to complete again.
    await this.files.publish(jobId, "attachments", upload.file, Number(upload.received));
    const marked = { $set: { complete: true, updated_at: now } };
    const complete = await this.#uploads.findOneAndUpdate({ _id: jobId, upload_id: id }, marked, AFTER);
    // Removed meanwhile, with its chunks.
    if (!complete) await this.files.withdraw(upload.file);
    return complete && toUpload(complete);
  }

  discard(jobId: string, id: string): Promise<void> {
    return removeUploads(this.#collections, { _id: jobId, upload_id: id });
  }

  async expire(jobId: string): Promise<void> {
    const expired = { $inc: { turn: 1 }, $set: { updated_at: new Date(0) } };
    await this.#uploads.updateOne({ _id: jobId, complete: false }, expired);
  }

  async #tailOf({ file, received }: UploadDocument): Promise<Uint8Array> {
    const { n, bytes } = endOf(Number(received));
    const chunk = bytes === 0 ? undefined : await this.#read(file, n);
    return chunk?.slice(0, bytes) ?? new Uint8Array();
  }

  async #putChunk({ file, turn }: UploadDocument, n: number, bytes: Uint8Array, now: Date): Promise<void> {
    try {
      await this.#chunks.updateOne(
        { files_id: file, n, turn: { $lte: turn } },
        { $set: { data: new Binary(bytes), turn, uploadDate: now } },
        { upsert: true },
      );
    } catch (error) {
      if (isDuplicateKey(error)) throw new AppendSuperseded();
      throw error;
    }
  }

  async #read(file: ObjectId, n: number): Promise<Uint8Array | undefined> {
    try {
      const chunk = await this.#chunks.findOne({ files_id: file, n });
      return chunk?.data.value() as Uint8Array | undefined;
    } catch (error) {
      throw translated(error);
    }
  }
}

/** Removes uploads and what they have received; that of a complete one is the job's file now, and stays. */
export async function removeUploads(
  { uploads, chunks, files }: Collections,
  filter: Filter<UploadDocument>,
): Promise<void> {
  for await (const { _id, file } of uploads.find(filter, { projection: { file: 1 } })) {
    if (!(await uploads.findOneAndDelete({ _id, file }))) continue;
    if (!(await files.findOne({ _id: file }, { projection: { _id: 1 } }))) await chunks.deleteMany({ files_id: file });
  }
}
