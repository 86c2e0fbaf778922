import type { JobStore, NewJob } from "../jobs.ts";
import { fromDate, int64 } from "./columns.ts";
import type { Connection } from "./connection.ts";
import { JOB_COLUMNS, type JobRow, SUMMARY_COLUMNS, type SummaryRow, toJob, toSummary } from "./job-rows.ts";

/** How jobs come in and are found by their ids. */
export function jobSubmission(
  connection: Connection,
): Pick<JobStore, "submit" | "find" | "summary" | "completeAttachments"> {
  const existing = connection.prepare<{ seq: number; active: number }>(
    "SELECT seq, state <> 'waiting' AND ended_at IS NULL AS active FROM jobs WHERE id = $id",
  );
  const remove = connection.prepare("DELETE FROM jobs WHERE seq = $seq");
  const insert = connection.prepare<{ seq: number }>(
    `INSERT INTO jobs (id, created_at, queue, priority, state, attachments, excluded_agents, submitter, secrets_owner, definition)
     VALUES ($id, $createdAt, $queue, $priority, 'waiting', $attachments, $excluded, $submitter, $secretsOwner, $definition)
     RETURNING seq`,
  );
  const tag = connection.prepare("INSERT OR IGNORE INTO job_tags (tag, job) VALUES ($tag, $job)");
  const find = connection.prepare<JobRow>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE id = $id`);
  const summary = connection.prepare<SummaryRow>(`SELECT ${SUMMARY_COLUMNS} FROM jobs WHERE id = $id`);
  const complete = connection.prepare(
    "UPDATE jobs SET attachments = 'complete' WHERE id = $id AND state = 'waiting' AND attachments = 'waiting'",
  );

  const add = (job: NewJob) => {
    const excluded = job.definition.exclude_agents ?? [];
    const { seq } = insert.get({
      id: job.id,
      createdAt: fromDate(job.createdAt),
      queue: job.definition.job_queue,
      priority: int64(job.priority),
      attachments: job.attachments ?? null,
      excluded: excluded.length === 0 ? null : JSON.stringify(excluded),
      submitter: job.submitter ?? null,
      secretsOwner: job.secretsOwner ?? null,
      definition: JSON.stringify(job.definition),
    })!;
    for (const name of job.definition.tags ?? []) tag.run({ tag: name, job: seq });
  };

  return {
    submit: (job) =>
      connection.write(() => {
        const old = existing.get({ id: job.id });
        if (old?.active) return "active";
        if (old) remove.run({ seq: old.seq });
        add(job);
        return old ? "replaced" : "created";
      }),

    find: (id) =>
      connection.read(() => {
        const row = find.get({ id });
        return row && toJob(row);
      }),

    summary: (id) =>
      connection.read(() => {
        const row = summary.get({ id });
        return row && toSummary(row);
      }),

    completeAttachments: (id) => connection.write(() => complete.run({ id }) > 0),
  };
}
