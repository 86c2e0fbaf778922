import type { Attempts, AttemptStore } from "../attempts.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

interface AttemptRow {
  count: number;
  window_ends_at: number;
}

const toAttempts = (row: AttemptRow): Attempts => ({ count: row.count, windowEndsAt: new Date(row.window_ends_at) });

/** Attempts in SQLite. */
export function attemptStore(connection: Connection): AttemptStore {
  const count = connection.prepare<AttemptRow>(
    `INSERT INTO attempts (key, count, window_ends_at) VALUES ($key, 1, $windowEnds)
     ON CONFLICT (key) DO UPDATE SET
       count = iif(window_ends_at > $now, count + 1, 1),
       window_ends_at = iif(window_ends_at > $now, window_ends_at, $windowEnds)
     RETURNING count, window_ends_at`,
  );
  const take = connection.prepare<AttemptRow>(
    `INSERT INTO attempts (key, count, window_ends_at) VALUES ($key, 1, $windowEnds)
     ON CONFLICT (key) DO UPDATE SET
       count = iif(window_ends_at > $now, count + 1, 1),
       window_ends_at = iif(window_ends_at > $now, window_ends_at, $windowEnds)
     WHERE count < $limit OR window_ends_at <= $now
     RETURNING count, window_ends_at`,
  );
  const giveBack = connection.prepare(
    "UPDATE attempts SET count = count - 1 WHERE key = $key AND window_ends_at = $windowEnds AND count > 0",
  );
  const find = connection.prepare<AttemptRow>(
    "SELECT count, window_ends_at FROM attempts WHERE key = $key AND window_ends_at > $now",
  );

  return {
    count: (keys, now, window) =>
      connection.write(() =>
        keys.map((key) => toAttempts(count.get({ key, now: fromDate(now), windowEnds: now.getTime() + window })!)),
      ),
    take: (key, limit, now, window) =>
      connection.write(() => {
        const row = take.get({ key, limit, now: fromDate(now), windowEnds: now.getTime() + window });
        return row && toAttempts(row);
      }),
    giveBack: async (key, windowEndsAt) =>
      void (await connection.write(() => giveBack.run({ key, windowEnds: fromDate(windowEndsAt) }))),
    find: (keys, now) =>
      connection.read(() =>
        keys.map((key) => {
          const row = find.get({ key, now: fromDate(now) });
          return row && toAttempts(row);
        }),
      ),
  };
}
