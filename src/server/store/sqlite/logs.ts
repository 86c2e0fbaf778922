import type { LogType, Phase } from "../../../shared/phases.ts";
import type { LogExtent, LogStore, PhaseExtent } from "../logs.ts";
import { fromDate, int64 } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface FragmentRow {
  job_id: string;
  type: LogType;
  phase: Phase;
  number: number;
  timestamp: number;
  data: string;
}

/** Log fragments in SQLite. */
export const logStore = (connection: Connection): LogStore => ({
  ...logFragments(connection),
  ...logExtents(connection),
});

function logFragments(connection: Connection): Omit<LogStore, keyof ReturnType<typeof logExtents>> {
  const insert = connection.prepare(
    `INSERT INTO logs (job_id, type, number, phase, timestamp, updated_at, data)
     VALUES ($jobId, $type, $number, $phase, $timestamp, $now, $data) ON CONFLICT DO NOTHING`,
  );
  // Compared by the database, since text that is not valid Unicode reads back in another form than it was given in.
  const repeats = connection.prepare<{ same: number }>(
    "SELECT phase = $phase AND data = $data AS same FROM logs WHERE job_id = $jobId AND type = $type AND number = $number",
  );
  const read = (order: "ASC" | "DESC") =>
    connection.prepare<FragmentRow>(
      `SELECT job_id, type, phase, number, timestamp, data FROM logs
       WHERE job_id = +$jobId AND type = +$type AND number >= +$from AND number < +$before
         AND (+$since IS NULL OR timestamp >= +$since) AND (+$phase IS NULL OR phase = +$phase)
       ORDER BY number ${order} LIMIT +$limit`,
    );
  const readFirst = read("ASC");
  const readLast = read("DESC");
  const latest = connection.prepare<{ number: number | null }>(
    "SELECT max(number) AS number FROM logs WHERE job_id = +$jobId AND type = +$type",
  );
  const remove = connection.prepare("DELETE FROM logs WHERE job_id = $jobId");

  return {
    append: ({ jobId, type, phase, number: given, timestamp, data }, now) =>
      connection.write(() => {
        const number = int64(given);
        const added = insert.run({
          jobId,
          type,
          number,
          phase,
          timestamp: fromDate(timestamp),
          now: fromDate(now),
          data,
        });
        if (added > 0) return "stored";
        return repeats.get({ jobId, type, number, phase, data })?.same ? "repeated" : "conflicting";
      }),

    read: ({ jobId, type, from, before, since, phase, limit, keep }) =>
      connection.read(() => {
        const values = {
          jobId,
          type,
          from: int64(from ?? -Infinity),
          before: int64(before ?? Infinity),
          since: fromDate(since),
          phase: phase ?? null,
          limit: limit ?? -1,
        };
        const rows = keep === "last" ? readLast.all(values).reverse() : readFirst.all(values);
        return rows.map(({ job_id: jobId, timestamp, ...fragment }) => ({
          ...fragment,
          jobId,
          timestamp: new Date(timestamp),
        }));
      }),

    latest: (logs) =>
      connection.read(() => {
        const numbers = new Map<string, number>();
        for (const { jobId, type } of logs) {
          const number = latest.get({ jobId, type })?.number ?? null;
          if (number !== null) numbers.set(`${jobId}/${type}`, number);
        }
        return numbers;
      }),

    remove: async (jobId) => void (await connection.write(() => remove.run({ jobId }))),
  };
}

/** How much text there is and where, answered from an index that has no text. */
function logExtents(connection: Connection): Pick<LogStore, "extent" | "phases" | "afterLines"> {
  const extent = connection.prepare<LogExtent>(
    `SELECT coalesce(sum(lines), 0) AS lines, coalesce(sum(bytes), 0) AS bytes FROM logs INDEXED BY logs_by_extent
     WHERE job_id = $jobId AND type = $type AND number < $before`,
  );
  const phases = connection.prepare<PhaseExtent>(
    `SELECT phase, min(number) AS "from", sum(lines) AS lines, sum(bytes) AS bytes FROM logs INDEXED BY logs_by_extent
     WHERE job_id = +$jobId AND type = +$type GROUP BY phase ORDER BY "from"`,
  );
  const afterLines = connection.prepare<{ number: number; linesBefore: number }>(
    `SELECT number, passed - lines AS linesBefore FROM
       (SELECT number, lines, sum(lines) OVER (ORDER BY number) AS passed FROM logs INDEXED BY logs_by_extent
        WHERE job_id = +$jobId AND type = +$type)
     WHERE passed >= +$lines ORDER BY number LIMIT 1`,
  );

  return {
    extent: (jobId, type, before) =>
      connection.read(() => extent.get({ jobId, type, before: int64(before ?? Infinity) })!),
    phases: (jobId, type) => connection.read(() => phases.all({ jobId, type })),
    afterLines: (jobId, type, lines) => connection.read(() => afterLines.get({ jobId, type, lines })),
  };
}
