import { isTerminal } from "../../../shared/phases.ts";
import type { JobStore } from "../jobs.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";

/** What agents report on jobs, and how jobs end. */
export function jobResults(connection: Connection): Pick<JobStore, "report" | "cancel"> {
  const current = connection.prepare<{ state: string; ended_at: number | null }>(
    "SELECT state, ended_at FROM jobs WHERE id = $id",
  );
  const report = connection.prepare(
    `UPDATE jobs SET state = $state, ended_at = $endedAt, status = coalesce($status, status),
       device_info = coalesce($deviceInfo, device_info), leased_until = NULL, reported = 1
     WHERE id = $id`,
  );
  const cancel = connection.prepare(
    "UPDATE jobs SET state = 'cancelled', ended_at = $now, leased_until = NULL WHERE id = $id AND ended_at IS NULL",
  );
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
        return { state, stateChanged: state !== job.state };
      }),

    cancel: (id, now) => connection.write(() => cancel.run({ id, now: fromDate(now) }) > 0),
  };
}
