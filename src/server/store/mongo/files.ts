import { Binary, type Filter, ObjectId, type Sort } from "mongodb";
import { CHUNK_BYTES, inChunks, readChunks } from "../file-chunks.ts";
import type { ByteRange, FileKind, FileStore, StoredFile } from "../files.ts";
import type { Collections } from "./collections.ts";
import { isInserted, translated } from "./errors.ts";
import { removeUploads } from "./uploads.ts";

/** A file as GridFS keeps it (data section 3.3). */
export interface FileDocument {
  readonly _id: ObjectId;
  readonly filename: string;
  /** Bytes. */
  readonly length: number;
  readonly chunkSize: number;
  readonly uploadDate: Date;
}

export interface ChunkDocument {
  readonly _id: ObjectId;
  readonly files_id: ObjectId;
  readonly n: number;
  readonly data: Binary;
  /** The reference's addition: its chunks expire by it. */
  readonly uploadDate?: Date;
  /** Of an upload in parts: the request that wrote it. */
  readonly turn?: number;
}

const KINDS: readonly FileKind[] = ["attachments", "artifact"];
const nameOf = (jobId: string, kind: FileKind): string => `${jobId}.${kind}`;
const NEWEST: Sort = { uploadDate: -1, _id: -1 };

/** Files in GridFS. Its collections are used directly: the driver's streams copy every chunk twice more and know no date of chunks. */
export class MongoFileStore implements FileStore {
  readonly #collections: Collections;
  readonly #files: Collections["files"];
  readonly #chunks: Collections["chunks"];

  constructor(collections: Collections) {
    this.#collections = collections;
    this.#files = collections.files;
    this.#chunks = collections.chunks;
  }

  async save(
    jobId: string,
    kind: FileKind,
    content: AsyncIterable<Uint8Array>,
    now: Date,
  ): Promise<{ length: number }> {
    const filename = nameOf(jobId, kind);
    // Older whatever their dates: the clocks of two servers differ.
    const previous = await this.#idsOf({ filename });
    const length = await this.#write(filename, content, now);
    await this.#supersede(filename, previous);
    return { length };
  }

  /** Makes a file of chunks that are stored, in place of all earlier versions; may be repeated. */
  async publish(jobId: string, kind: FileKind, _id: ObjectId, length: number): Promise<void> {
    const filename = nameOf(jobId, kind);
    const previous = await this.#idsOf({ filename, _id: { $ne: _id } });
    const uploadDate = new Date();
    await isInserted(this.#files.insertOne({ _id, filename, length, chunkSize: CHUNK_BYTES, uploadDate }));
    await this.#supersede(filename, previous);
  }

  /** Removes a file again that was published. */
  withdraw(id: ObjectId): Promise<void> {
    return this.#remove([id]);
  }

  async #supersede(filename: string, previous: readonly ObjectId[]): Promise<void> {
    await this.#remove(previous);
    const newest = await this.#newest(filename);
    // Of uploads at the same time the one that ended last stays.
    if (newest) {
      await this.#removeMatching({ filename, _id: { $ne: newest._id }, uploadDate: { $lte: newest.uploadDate } });
    }
  }

  async open(jobId: string, kind: FileKind): Promise<StoredFile | null> {
    const file = await this.#newest(nameOf(jobId, kind));
    if (!file) return null;
    const length = Number(file.length);
    return {
      length,
      version: file._id.toHexString(),
      content: (range = { start: 0, end: length }) => this.#contentOf(file, range),
    };
  }

  remove(jobId: string): Promise<void> {
    return this.removeOfJobs([jobId]);
  }

  /** Removes the files and uploads of the jobs; with a cutoff only those that were uploaded until then. */
  async removeOfJobs(jobIds: readonly string[], cutoff?: Date): Promise<void> {
    const _id = { $in: jobIds };
    await removeUploads(this.#collections, cutoff ? { _id, updated_at: { $lte: cutoff } } : { _id });
    const filename = { $in: jobIds.flatMap((jobId) => KINDS.map((kind) => nameOf(jobId, kind))) };
    await this.#removeMatching(cutoff ? { filename, uploadDate: { $lte: cutoff } } : { filename });
  }

  /** Ids of the jobs that have files which were uploaded until the cutoff. */
  async *jobsWithFilesUntil(cutoff: Date): AsyncGenerator<string> {
    for await (const { filename } of this.#files.find(
      { uploadDate: { $lte: cutoff } },
      { projection: { filename: 1 } },
    )) {
      const kind = KINDS.find((suffix) => filename.endsWith(`.${suffix}`));
      if (kind) yield filename.slice(0, -kind.length - 1);
    }
  }

  /** Removes chunks of uploads that broke off: neither a file nor an upload in parts has them, and the last one is older than the cutoff. */
  async removeStrayChunks(cutoff: Date): Promise<void> {
    const begunBefore = { files_id: { $lt: ObjectId.createFromTime(cutoff.getTime() / 1000) } };
    for await (const { _id } of this.#chunks.aggregate<{ _id: ObjectId }>([
      { $match: begunBefore },
      { $group: { _id: "$files_id" } },
    ])) {
      if (await this.#files.findOne({ _id }, { projection: { _id: 1 } })) continue;
      if (await this.#collections.uploads.findOne({ file: _id }, { projection: { _id: 1 } })) continue;
      const last = await this.#chunks.findOne({ files_id: _id }, { sort: { n: -1 }, projection: { _id: 1 } });
      if (last && last._id.getTimestamp() <= cutoff) await this.#chunks.deleteMany({ files_id: _id });
    }
  }

  #newest(filename: string): Promise<FileDocument | null> {
    return this.#files.findOne({ filename }, { sort: NEWEST });
  }

  /** The file's document, which makes it visible, comes last. */
  async #write(filename: string, content: AsyncIterable<Uint8Array>, now: Date): Promise<number> {
    const id = new ObjectId();
    let [length, n] = [0, 0];
    try {
      for await (const bytes of inChunks(content)) {
        const data = new Binary(bytes);
        await this.#chunks.insertOne({ _id: new ObjectId(), files_id: id, n: n++, data, uploadDate: now });
        length += bytes.length;
      }
      // The end of the upload: of several at the same time the one that ended last is the newest.
      const uploadDate = new Date();
      await this.#files.insertOne({ _id: id, filename, length, chunkSize: CHUNK_BYTES, uploadDate });
      return length;
    } catch (error) {
      // Where this fails too, the sweep finds the chunks.
      await this.#remove([id]).catch(() => undefined);
      throw error;
    }
  }

  /** One query per chunk: nothing is read ahead, and a slow reader keeps no cursor open, which the database would end. */
  #contentOf({ _id, chunkSize }: FileDocument, range: ByteRange): ReadableStream<Uint8Array> {
    const read = async (n: number) => {
      try {
        const chunk = await this.#chunks.findOne({ files_id: _id, n });
        return chunk?.data.value() as Uint8Array | undefined;
      } catch (error) {
        throw translated(error);
      }
    };
    return readChunks(read, range, Number(chunkSize));
  }

  async #idsOf(filter: Filter<FileDocument>): Promise<ObjectId[]> {
    const files = await this.#files.find(filter, { projection: { _id: 1 } }).toArray();
    return files.map(({ _id }) => _id);
  }

  async #removeMatching(filter: Filter<FileDocument>): Promise<void> {
    await this.#remove(await this.#idsOf(filter));
  }

  async #remove(ids: readonly ObjectId[]): Promise<void> {
    if (ids.length === 0) return;
    await this.#files.deleteMany({ _id: { $in: ids } });
    await this.#chunks.deleteMany({ files_id: { $in: ids } });
  }
}
