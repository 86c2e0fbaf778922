import type { LogType, Phase } from "../../../shared/phases.ts";
import type { LogStore } from "../logs.ts";
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
export function logStore(connection: Connection): LogStore {
  const insert = connection.prepare(
    `INSERT INTO logs (job_id, type, number, phase, timestamp, updated_at, data)
     VALUES ($jobId, $type, $number, $phase, $timestamp, $now, $data) ON CONFLICT DO NOTHING`,
  );
  // Compared by the database, since text that is not valid Unicode reads back in another form than it was given in.
  const repeats = connection.prepare<{ same: number }>(
    "SELECT phase = $phase AND data = $data AS same FROM logs WHERE job_id = $jobId AND type = $type AND number = $number",
  );
  const read = connection.prepare<FragmentRow>(
    `SELECT job_id, type, phase, number, timestamp, data FROM logs
     WHERE job_id = $jobId AND type = $type AND number >= $from
       AND ($since IS NULL OR timestamp >= $since) AND ($phase IS NULL OR phase = $phase)
     ORDER BY number LIMIT $limit`,
  );
  const latest = connection.prepare<{ number: number | null }>(
    "SELECT max(number) AS number FROM logs WHERE job_id = $jobId AND type = $type",
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

    read: ({ jobId, type, from, since, phase, limit }) =>
      connection.read(() =>
        read
          .all({
            jobId,
            type,
            from: int64(from ?? -Infinity),
            since: fromDate(since),
            phase: phase ?? null,
            limit: limit ?? -1,
          })
          .map(({ job_id: jobId, timestamp, ...fragment }) => ({ ...fragment, jobId, timestamp: new Date(timestamp) })),
      ),

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
