import type { JobStore } from "../jobs.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { JOB_COLUMNS, type JobRow, SUMMARY_COLUMNS, type SummaryRow, toJob, toSummary } from "./job-rows.ts";

interface Candidate {
  seq: number;
  priority: number;
  created_at: number;
}

/** Negative when `a` is handed out before `b`. */
const inPopOrder = (a: Candidate, b: Candidate) =>
  b.priority - a.priority || a.created_at - b.created_at || a.seq - b.seq;

/** How many jobs are handed out before `job`; two counts, since an index knows each. */
const AHEAD = `(
  (SELECT count(*) FROM jobs AS other WHERE other.state = 'waiting' AND other.queue = job.queue AND other.priority > job.priority) +
  (SELECT count(*) FROM jobs AS other WHERE other.state = 'waiting' AND other.queue = job.queue AND other.priority = job.priority
     AND (other.created_at, other.seq) < (job.created_at, job.seq)))`;

/** How jobs are handed to agents: the queue, leases and what is put back. */
export function jobHandout(
  connection: Connection,
): Pick<
  JobStore,
  "pop" | "leased" | "release" | "acknowledge" | "position" | "summaryWithPosition" | "queuesWithWork"
> {
  // One queue at a time: only then the index gives the pop order, whatever the length of the queue.
  const next = connection.prepare<Candidate>(
    `SELECT seq, priority, created_at FROM jobs
     WHERE queue = +$queue AND state = 'waiting' AND attachments IS NOT 'waiting'
       AND (excluded_agents IS NULL OR NOT EXISTS (SELECT 1 FROM json_each(excluded_agents) WHERE value = +$agent))
     ORDER BY priority DESC, created_at, seq LIMIT 1`,
  );
  const take = connection.prepare<JobRow>(
    `UPDATE jobs SET state = 'running', started_at = $now, agent = $agent, leased_until = $leasedUntil, reported = 0
     WHERE seq = $seq RETURNING ${JOB_COLUMNS}`,
  );
  const leased = connection.prepare<JobRow>(
    `SELECT ${JOB_COLUMNS} FROM jobs
     WHERE agent = +$agent AND leased_until > +$now AND state = 'running' AND reported = 0
       AND queue IN (SELECT value FROM json_each(+$queues))
     ORDER BY leased_until DESC LIMIT 1`,
  );
  const release = connection.prepare(
    `UPDATE jobs SET state = 'waiting', started_at = NULL, agent = NULL, leased_until = NULL
     WHERE id = $id AND state = 'running' AND agent = $agent AND started_at = $startedAt AND reported = 0`,
  );
  const acknowledge = connection.prepare("UPDATE jobs SET leased_until = NULL, reported = 1 WHERE id = $id");
  const position = connection.prepare<{ ahead: number }>(
    `SELECT ${AHEAD} AS ahead FROM jobs AS job WHERE id = $id AND state = 'waiting'`,
  );
  const summaryWithPosition = connection.prepare<SummaryRow & { ahead: number | null }>(
    `SELECT ${SUMMARY_COLUMNS}, iif(state = 'waiting', ${AHEAD}, NULL) AS ahead FROM jobs AS job WHERE id = $id`,
  );
  const queuesWithWork = connection.prepare<{ queue: string }>(
    `SELECT DISTINCT value AS queue FROM json_each($queues)
     WHERE EXISTS (SELECT 1 FROM jobs WHERE queue = value AND state = 'waiting' AND attachments IS NOT 'waiting')`,
  );

  const best = (agent: string, queues: readonly string[]) =>
    queues
      .map((queue) => next.get({ queue, agent }))
      .filter((candidate) => candidate !== null)
      .sort(inPopOrder)[0];

  return {
    async pop({ agent, queues, now, leasedUntil }) {
      // Agents ask far more often than there is work: looking first spares them the write lock.
      if ((await connection.read(() => best(agent, queues))) === undefined) return null;
      return connection.write(() => {
        const chosen = best(agent, queues);
        if (chosen === undefined) return null;
        return toJob(take.get({ seq: chosen.seq, now: fromDate(now), agent, leasedUntil: fromDate(leasedUntil) })!);
      });
    },

    leased: ({ agent, queues, now }) =>
      connection.read(() => {
        const row = leased.get({ agent, now: fromDate(now), queues: JSON.stringify(queues) });
        return row && toJob(row);
      }),

    release: (id, agent, startedAt) =>
      connection.write(() => release.run({ id, agent, startedAt: fromDate(startedAt) }) > 0),

    acknowledge: async (id) => void (await connection.write(() => acknowledge.run({ id }))),

    position: (id) => connection.read(() => position.get({ id })?.ahead ?? null),

    summaryWithPosition: (id) =>
      connection.read(() => {
        const row = summaryWithPosition.get({ id });
        return row && { summary: toSummary(row), position: row.ahead };
      }),

    queuesWithWork: (queues) =>
      connection.read(() => queuesWithWork.all({ queues: JSON.stringify(queues) }).map(({ queue }) => queue)),
  };
}
