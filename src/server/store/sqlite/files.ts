import { inChunks, readChunks } from "../file-chunks.ts";
import type { FileStore } from "../files.ts";
import { fromDate } from "./columns.ts";
import type { Connection, Durability } from "./connection.ts";

/** Chunks that one transaction deletes: enough to be quick, few enough not to hold up everything else. */
const FREE_BATCH = 64;

/** Chunks of a file that is not complete yet, or not any more, count for nothing after a crash. */
export const UNSYNCED: Durability = { synced: false };

export interface SqliteFileStore extends FileStore {
  /** Throws away uploads that a dead process left behind; called while no upload can be under way. */
  discardUnfinished(): Promise<void>;
  /** Throws away all files and the upload of the job, as part of a change; `freeDiscarded` frees their space afterwards. */
  discard(jobId: string): void;
  /** Throws away files stored before that time whose job is gone. */
  discardOrphans(before: Date): Promise<void>;
  /** Throws away uploads to which nothing was appended since then; as part of a change. */
  discardUploads(before: Date): void;
  /** Frees the space of all that was thrown away, a few chunks at a time. */
  freeDiscarded(): Promise<void>;
}

/**
 * Files in a table of chunks. A file is `incoming`, then `complete`, then `discarded`; readers find complete ones only. Space is freed
 * apart from that, since deleting a gigabyte in one transaction would stop the server for seconds.
 */
export function fileStore(connection: Connection): SqliteFileStore {
  const begin = connection.prepare<{ id: number }>(
    "INSERT INTO files (job_id, kind, created_at, state) VALUES ($jobId, $kind, $now, 'incoming') RETURNING id",
  );
  const append = connection.prepare("INSERT INTO file_chunks (file, n, data) VALUES ($id, $n, $data)");
  const supersede = connection.prepare<{ id: number }>(
    "UPDATE files SET state = 'discarded' WHERE job_id = $jobId AND kind = $kind AND state = 'complete' RETURNING id",
  );
  const complete = connection.prepare("UPDATE files SET state = 'complete', length = $length WHERE id = $id");
  const find = connection.prepare<{ id: number; length: number; created_at: number }>(
    "SELECT id, length, created_at FROM files WHERE job_id = $jobId AND kind = $kind AND state = 'complete'",
  );
  const chunk = connection.prepare<{ data: Uint8Array }>("SELECT data FROM file_chunks WHERE file = $id AND n = $n");
  const abandon = connection.prepare("UPDATE files SET state = 'discarded' WHERE id = $id");
  const discard = connection.prepare<{ id: number }>(
    `UPDATE files SET state = 'discarded'
     WHERE job_id = $jobId AND kind IN ('artifact', 'attachments') AND state = 'complete' RETURNING id`,
  );
  const discardUpload = connection.prepare<{ id: number }>(
    "UPDATE files SET state = 'discarded' WHERE id IN (SELECT file FROM uploads WHERE job_id = $jobId) RETURNING id",
  );
  const discardUploads = connection.prepare(
    `UPDATE files SET state = 'discarded'
     WHERE id IN (SELECT file FROM uploads WHERE updated_at <= $before AND complete = 0)`,
  );
  const forgetUploads = connection.prepare("DELETE FROM uploads WHERE updated_at <= $before");
  const discardUnfinished = connection.prepare(
    `UPDATE files SET state = 'discarded'
     WHERE state = 'incoming' AND NOT EXISTS (SELECT 1 FROM uploads WHERE file = files.id)`,
  );
  const discardOrphans = connection.prepare(
    `UPDATE files SET state = 'discarded' WHERE state = 'complete' AND created_at <= $before
       AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = job_id)`,
  );
  const discarded = connection.prepare<{ id: number }>("SELECT id FROM files WHERE state = 'discarded'");
  const freeChunks = connection.prepare(
    `DELETE FROM file_chunks WHERE rowid IN (SELECT rowid FROM file_chunks WHERE file = $id LIMIT ${FREE_BATCH})`,
  );
  const forget = connection.prepare("DELETE FROM files WHERE id = $id");

  const discardAll = (jobId: string) => [...discardUpload.all({ jobId }), ...discard.all({ jobId })];
  const free = async (files: readonly { id: number }[]) => {
    for (const { id } of files) {
      while (await connection.write(() => freeChunks.run({ id }) > 0, UNSYNCED));
      await connection.write(() => forget.run({ id }), UNSYNCED);
    }
  };

  const receive = async (id: number, content: AsyncIterable<Uint8Array>) => {
    let [length, n] = [0, 0];
    for await (const data of inChunks(content)) {
      const values = { id, n: n++, data };
      await connection.write(() => append.run(values), UNSYNCED);
      length += data.length;
    }
    return length;
  };

  return {
    async save(jobId, kind, content, now) {
      const { id } = (await connection.write(() => begin.get({ jobId, kind, now: fromDate(now) })))!;
      try {
        const length = await receive(id, content);
        const old = await connection.write(() => {
          const old = supersede.all({ jobId, kind });
          complete.run({ id, length });
          return old;
        });
        // The file is safe; space that cannot be freed now is at the next sweep.
        await free(old).catch(() => undefined);
        return { length };
      } catch (error) {
        // This error is the one to tell; what cannot be thrown away now is at the next start.
        await connection
          .write(() => abandon.run({ id }))
          .then(() => free([{ id }]))
          .catch(() => undefined);
        throw error;
      }
    },

    open: (jobId, kind) =>
      connection.read(() => {
        const file = find.get({ jobId, kind });
        if (file === null) return null;
        const { id, length, created_at } = file;
        const read = (n: number) => connection.read(() => chunk.get({ id, n })?.data);
        return {
          length,
          version: `${id}-${created_at.toString(36)}`,
          content: (range = { start: 0, end: length }) => readChunks(read, range),
        };
      }),

    remove: async (jobId) => free(await connection.write(() => discardAll(jobId))),
    discard: (jobId) => void discardAll(jobId),
    discardUploads(before) {
      discardUploads.run({ before: fromDate(before) });
      forgetUploads.run({ before: fromDate(before) });
    },
    discardUnfinished: async () => void (await connection.write(() => discardUnfinished.run())),
    discardOrphans: async (before) =>
      void (await connection.write(() => discardOrphans.run({ before: fromDate(before) }))),
    freeDiscarded: async () => free(await connection.read(() => discarded.all())),
  };
}
