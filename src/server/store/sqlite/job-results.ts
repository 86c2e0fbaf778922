import { isTerminal } from "../../../shared/phases.ts";
import type { JobStore } from "../jobs.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

/** Changes of state that are remembered of a job: an agent that goes astray must not fill the database. */
const HISTORY_KEPT = 100;

/** What agents report on jobs, and how jobs end. */
export function jobResults(connection: Connection): Pick<JobStore, "report" | "cancel" | "history"> {
  const current = connection.prepare<{ seq: number; state: string; ended_at: number | null }>(
    "SELECT seq, state, ended_at FROM jobs WHERE id = $id",
  );
  const last = connection.prepare<{ n: number | null }>("SELECT max(n) AS n FROM job_history WHERE job = $seq");
  const note = connection.prepare("INSERT INTO job_history (job, n, state, at) VALUES ($seq, $n, $state, $now)");
  const trim = connection.prepare("DELETE FROM job_history WHERE job = $seq AND n <= $n");
  const report = connection.prepare(
    `UPDATE jobs SET state = $state, ended_at = $endedAt, status = coalesce($status, status),
       device_info = coalesce($deviceInfo, device_info), leased_until = NULL, reported = 1
     WHERE id = $id`,
  );
  const cancel = connection.prepare(
    "UPDATE jobs SET state = 'cancelled', ended_at = $now, leased_until = NULL WHERE id = $id AND ended_at IS NULL",
  );
  const history = connection.prepare<{ state: string; at: number }>(
    "SELECT state, at FROM job_history WHERE job = (SELECT seq FROM jobs WHERE id = $id) ORDER BY n",
  );
  const remember = (seq: number, state: string, now: Date) => {
    const n = (last.get({ seq })?.n ?? 0) + 1;
    note.run({ seq, n, state, now: fromDate(now) });
    trim.run({ seq, n: n - HISTORY_KEPT });
  };
  const json = (value: unknown) => (value === undefined ? null : JSON.stringify(value));

  return {
    report: (id, results, now) =>
      connection.write(() => {
        const job = current.get({ id });
        if (job === null) return null;
        const state = job.ended_at === null ? (results.state ?? job.state) : job.state;
        report.run({
          id,
          state,
          endedAt: job.ended_at ?? (isTerminal(state) ? fromDate(now) : null),
          status: json(results.status),
          deviceInfo: json(results.deviceInfo),
        });
        const stateChanged = state !== job.state;
        if (stateChanged) remember(job.seq, state, now);
        return { state, stateChanged };
      }),

    history: (id) => connection.read(() => history.all({ id }).map(({ state, at }) => ({ state, at: new Date(at) }))),

    cancel: (id, now) => connection.write(() => cancel.run({ id, now: fromDate(now) }) > 0),
  };
}
