import { CHUNK_BYTES, endOf, grown, readChunks } from "../file-chunks.ts";
import { AppendSuperseded, type NewUpload, type Upload, type UploadStore } from "../uploads.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { UNSYNCED } from "./files.ts";

interface UploadRow {
  job_id: string;
  id: string;
  file: number;
  length: number;
  sha256: string;
  received: number;
  turn: number;
  complete: number;
}

const COLUMNS = "job_id, id, file, length, sha256, received, turn, complete";

const toUpload = (row: UploadRow): Upload => ({
  id: row.id,
  jobId: row.job_id,
  length: row.length,
  sha256: row.sha256,
  received: row.received,
  isComplete: row.complete === 1,
});

/**
 * Uploads in SQLite. What arrives is a file in state `incoming`, which becomes a `complete` one as it is. A chunk is stored in one transaction with the
 * count of bytes received, and only in the turn of the request that brings it: whatever a loss of power undoes, the two agree.
 * The space of what is thrown away is left to the next sweep: to free that of gigabytes takes longer than a caller waits.
 */
export function uploadStore(connection: Connection): UploadStore {
  const find = connection.prepare<UploadRow>(`SELECT ${COLUMNS} FROM uploads WHERE job_id = $jobId`);
  const newFile = connection.prepare<{ id: number }>(
    "INSERT INTO files (job_id, kind, created_at, state) VALUES ($jobId, 'attachments', $now, 'incoming') RETURNING id",
  );
  const insert = connection.prepare<UploadRow>(
    `INSERT INTO uploads (job_id, id, file, length, sha256, updated_at) VALUES ($jobId, $id, $file, $length, $sha256, $now)
     RETURNING ${COLUMNS}`,
  );
  const takeTurn = connection.prepare<UploadRow>(
    `UPDATE uploads SET turn = turn + 1, updated_at = $now WHERE job_id = $jobId AND id = $id RETURNING ${COLUMNS}`,
  );
  const beginAppend = connection.prepare<UploadRow>(
    `UPDATE uploads SET turn = turn + 1, updated_at = $now
     WHERE job_id = $jobId AND id = $id AND received = $offset AND complete = 0 RETURNING ${COLUMNS}`,
  );
  const advance = connection.prepare(
    "UPDATE uploads SET received = $received, updated_at = $now WHERE job_id = $jobId AND id = $id AND turn = $turn",
  );
  const putChunk = connection.prepare(
    `INSERT INTO file_chunks (file, n, data) VALUES ($file, $n, $data)
     ON CONFLICT (file, n) DO UPDATE SET data = excluded.data`,
  );
  const chunk = connection.prepare<{ data: Uint8Array }>("SELECT data FROM file_chunks WHERE file = $file AND n = $n");
  const supersede = connection.prepare(
    `UPDATE files SET state = 'discarded'
     WHERE job_id = $jobId AND kind = 'attachments' AND state = 'complete' AND id <> $file`,
  );
  const completeFile = connection.prepare("UPDATE files SET state = 'complete', length = $length WHERE id = $file");
  const completeUpload = connection.prepare<UploadRow>(
    `UPDATE uploads SET complete = 1, updated_at = $now WHERE job_id = $jobId RETURNING ${COLUMNS}`,
  );
  const forget = connection.prepare("DELETE FROM uploads WHERE job_id = $jobId");
  const expire = connection.prepare(
    "UPDATE uploads SET turn = turn + 1, updated_at = 0 WHERE job_id = $jobId AND complete = 0",
  );
  const abandonFile = connection.prepare("UPDATE files SET state = 'discarded' WHERE id = $file");

  const found = (jobId: string, id: string): UploadRow | null => {
    const row = find.get({ jobId });
    return row?.id === id ? row : null;
  };
  /** As part of a change. The file of a complete upload is the job's now; another one takes its upload with it. */
  const discard = ({ job_id, file, complete }: UploadRow) =>
    complete ? forget.run({ jobId: job_id }) : abandonFile.run({ file });
  const tailOf = ({ file, received }: UploadRow): Uint8Array => {
    const { n, bytes } = endOf(received);
    return bytes === 0 ? new Uint8Array() : (chunk.get({ file, n })?.data.subarray(0, bytes) ?? new Uint8Array());
  };

  return {
    begin: ({ id, jobId, length, sha256 }: NewUpload, now) =>
      connection.write(() => {
        const open = find.get({ jobId });
        if (open?.length === length && open.sha256 === sha256) return toUpload(open);
        if (open) discard(open);
        const file = newFile.get({ jobId, now: fromDate(now) })!.id;
        return toUpload(insert.get({ jobId, id, file, length, sha256, now: fromDate(now) })!);
      }),

    find: (jobId, id) =>
      connection.read(() => {
        const row = found(jobId, id);
        return row && toUpload(row);
      }),

    halt: (jobId, id, now) =>
      connection.write(() => {
        const row = takeTurn.get({ jobId, id, now: fromDate(now) });
        return row && toUpload(row);
      }),

    async append({ jobId, id }, offset, content, now) {
      const begun = await connection.write(() => {
        const row = beginAppend.get({ jobId, id, offset, now: fromDate(now()) });
        return row && { row, tail: tailOf(row) };
      });
      if (!begun) return null;
      const { file, length, turn } = begun.row;
      let last = begun.row.received;
      for await (const { n, data, received } of grown(content, { offset, length, tail: begun.tail })) {
        await connection.write(() => {
          if (advance.run({ jobId, id, turn, received, now: fromDate(now()) }) === 0) throw new AppendSuperseded();
          putChunk.run({ file, n, data });
        }, UNSYNCED);
        last = received;
      }
      return toUpload({ ...begun.row, received: last });
    },

    content: (jobAndId) =>
      connection.read(() => {
        const row = found(jobAndId.jobId, jobAndId.id);
        if (!row) return null;
        const read = (n: number) => connection.read(() => chunk.get({ file: row.file, n })?.data);
        return readChunks(read, { start: 0, end: row.received }, CHUNK_BYTES);
      }),

    complete: (jobId, id, now) =>
      connection.write(() => {
        const row = found(jobId, id);
        if (!row || row.complete) return row && toUpload(row);
        supersede.run({ jobId, file: row.file });
        completeFile.run({ file: row.file, length: row.received });
        return toUpload(completeUpload.get({ jobId, now: fromDate(now) })!);
      }),

    discard: (jobId, id) =>
      connection.write(() => {
        const row = found(jobId, id);
        if (row) discard(row);
      }),

    expire: async (jobId) => void (await connection.write(() => expire.run({ jobId }))),
  };
}
