import type { Retention } from "../store.ts";
import { UPLOAD_DAYS } from "../uploads.ts";
import { clientEstate } from "./client-estate.ts";
import { fromDate } from "./columns.ts";
import type { Connection } from "./connection.ts";
import type { SqliteFileStore } from "./files.ts";

const DAY_MS = 86_400_000;

/** Jobs, logs and people that one transaction removes, so that a large clean-up holds up nobody for long. */
const BATCH = 20;

/** Removes what has expired, a little at a time. */
export function sweeper(
  connection: Connection,
  files: SqliteFileStore,
  retention: Retention,
): (now: Date) => Promise<void> {
  const endedJobs = connection.prepare<{ seq: number; id: string }>(
    `SELECT seq, id FROM jobs WHERE ended_at <= $before LIMIT ${BATCH}`,
  );
  const abandonedJobs = connection.prepare<{ seq: number; id: string }>(
    `SELECT seq, id FROM jobs WHERE state = 'waiting' AND created_at <= $before AND attachments = 'waiting' LIMIT ${BATCH}`,
  );
  const removeJob = connection.prepare("DELETE FROM jobs WHERE seq = $seq");
  const removeLogs = connection.prepare("DELETE FROM logs WHERE job_id = $id");
  // Logs are told apart by jumping from job to job in their index, not by reading them.
  const orphanedLogs = connection.prepare<{ id: string }>(
    `WITH RECURSIVE log (id) AS (
       SELECT min(job_id) FROM logs
       UNION ALL SELECT (SELECT min(job_id) FROM logs WHERE job_id > log.id) FROM log WHERE log.id IS NOT NULL
     )
     SELECT id FROM log WHERE id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.id = log.id)
       AND NOT EXISTS (SELECT 1 FROM logs WHERE job_id = log.id AND updated_at > $before) LIMIT ${BATCH}`,
  );
  // Disabled ones stay: with the next login they would be back as if nothing had been.
  const people = connection.prepare<{ id: string }>(
    `SELECT id FROM clients WHERE sub IS NOT NULL AND last_login <= $before AND disabled = 0 LIMIT ${BATCH}`,
  );
  const estate = clientEstate(connection);
  const expiries = {
    agents: connection.prepare("DELETE FROM agents WHERE updated_at <= $before"),
    queues: connection.prepare("DELETE FROM queues WHERE updated_at <= $before"),
    refreshTokens: connection.prepare("DELETE FROM refresh_tokens WHERE last_accessed <= $before"),
    replacedTokens: connection.prepare("DELETE FROM replaced_refresh_tokens WHERE replaced_at <= $before"),
    deviceLogins: connection.prepare("DELETE FROM device_logins WHERE expires_at <= $before"),
    idleSessions: connection.prepare("DELETE FROM browser_sessions WHERE idle_until <= $before"),
    attempts: connection.prepare("DELETE FROM attempts WHERE window_ends_at <= $before"),
    browserSessions: connection.prepare("DELETE FROM browser_sessions WHERE expires_at <= $before"),
    secrets: connection.prepare("DELETE FROM secrets WHERE expires_at <= $before"),
  };

  const sweepJobs = (before: number) => {
    const jobs = [...endedJobs.all({ before }), ...abandonedJobs.all({ before })];
    for (const { seq, id } of jobs) {
      removeLogs.run({ id });
      files.discard(id);
      removeJob.run({ seq });
    }
    return jobs.length > 0;
  };
  const sweepOrphanedLogs = (before: number) => {
    const orphans = orphanedLogs.all({ before });
    for (const { id } of orphans) removeLogs.run({ id });
    return orphans.length > 0;
  };
  const sweepPeople = (before: number) => {
    const gone = people.all({ before });
    for (const { id } of gone) estate.remove(id);
    return gone.length > 0;
  };

  return async (now) => {
    const before = (days: number) => now.getTime() - days * DAY_MS;
    while (await connection.write(() => sweepJobs(before(retention.jobs))));
    while (await connection.write(() => sweepPeople(before(retention.people))));
    await connection.write(() => files.discardUploads(new Date(before(UPLOAD_DAYS))));
    await connection.write(() => {
      expiries.agents.run({ before: before(retention.agents) });
      expiries.queues.run({ before: before(retention.agents) });
      expiries.refreshTokens.run({ before: before(retention.refreshTokens) });
      expiries.replacedTokens.run({ before: before(retention.refreshTokens) });
      expiries.deviceLogins.run({ before: fromDate(now) });
      expiries.attempts.run({ before: fromDate(now) });
      expiries.idleSessions.run({ before: fromDate(now) });
      expiries.browserSessions.run({ before: fromDate(now) });
      expiries.secrets.run({ before: fromDate(now) });
    });
    // An agent may have gone on posting to a job that was removed meanwhile.
    while (await connection.write(() => sweepOrphanedLogs(before(retention.jobs))));
    await files.discardOrphans(new Date(before(retention.jobs)));
    await files.freeDiscarded();
  };
}
