import type { Job, JobListing, JobOverview, JobSummary } from "../jobs.ts";
import { dateField, field, jsonField } from "./columns.ts";

/** A row of `jobs` without its definition. */
export interface SummaryRow {
  id: string;
  created_at: number;
  started_at: number | null;
  ended_at: number | null;
  queue: string;
  priority: number;
  state: string;
  attachments: "waiting" | "complete" | null;
  agent: string | null;
  leased_until: number | null;
  submitter: string | null;
  status: string;
}

export interface JobRow extends SummaryRow {
  secrets_owner: string | null;
  device_info: string | null;
  definition: string;
}

/** A row of a list for people. */
export interface OverviewRow extends Omit<SummaryRow, "leased_until"> {
  seq: number;
  name: string | null;
  tags: string | null;
}

export type ListingRow = Pick<SummaryRow, "id" | "created_at" | "state" | "queue">;

export const SUMMARY_COLUMNS =
  "id, created_at, started_at, ended_at, queue, priority, state, attachments, agent, leased_until, submitter, status";
export const JOB_COLUMNS = `${SUMMARY_COLUMNS}, secrets_owner, device_info, definition`;
export const LISTING_COLUMNS = "id, created_at, state, queue";
export const OVERVIEW_COLUMNS = `seq, ${LISTING_COLUMNS}, started_at, ended_at, status, priority, attachments, agent, submitter,
  definition ->> '$.name' AS name, definition ->> '$.tags' AS tags`;

const common = (row: SummaryRow) => ({
  id: row.id,
  createdAt: new Date(row.created_at),
  ...dateField("startedAt", row.started_at),
  ...dateField("endedAt", row.ended_at),
  priority: row.priority,
  state: row.state,
  status: JSON.parse(row.status) as Job["status"],
  ...field("attachments", row.attachments),
  ...field("agent", row.agent),
  ...dateField("leasedUntil", row.leased_until),
  ...field("submitter", row.submitter),
});

export const toSummary = (row: SummaryRow): JobSummary => ({ ...common(row), queue: row.queue });

export const toJob = (row: JobRow): Job => ({
  ...common(row),
  definition: JSON.parse(row.definition) as Job["definition"],
  ...field("secretsOwner", row.secrets_owner),
  ...jsonField<"deviceInfo", Record<string, unknown>>("deviceInfo", row.device_info),
});

export const toListing = (row: ListingRow): JobListing => ({
  id: row.id,
  createdAt: new Date(row.created_at),
  state: row.state,
  queue: row.queue,
});

export const toOverview = (row: OverviewRow): JobOverview => ({
  ...toListing(row),
  ...dateField("startedAt", row.started_at),
  ...dateField("endedAt", row.ended_at),
  status: JSON.parse(row.status) as Job["status"],
  priority: row.priority,
  ...field("attachments", row.attachments),
  ...field("agent", row.agent),
  ...field("submitter", row.submitter),
  ...field("name", row.name),
  tags: JSON.parse(row.tags ?? "[]") as string[],
});
