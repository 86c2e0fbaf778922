import type { ObjectId } from "mongodb";
import type { Job, JobListing, JobOverview, JobSummary, NewJob } from "../jobs.ts";
import { plain, present } from "./documents.ts";

/** A job as the reference keeps it (data section 3.1), and what this server adds to it. */
export interface JobDocument {
  readonly _id: ObjectId;
  readonly job_id: string;
  readonly created_at: Date;
  readonly started_at?: Date;
  readonly job_priority?: number;
  readonly job_data: JobData;
  readonly result_data: ResultData;
  /** The rest is unknown to the reference. */
  readonly ended_at?: Date;
  readonly submitter?: string;
  readonly agent?: string;
  /** There as long as the agent has not reported on the job; `NO_LEASE` if the job was taken without a lease. */
  readonly leased_until?: Date;
  /** Of the request that took the job, if that was without a lease; as long as `leased_until`. */
  readonly take?: ObjectId;
  /** States that agents reported, in order of time. */
  readonly state_history?: { readonly state: string; readonly at: Date }[];
}

interface JobData {
  readonly job_queue?: string;
  readonly name?: string;
  readonly tags?: readonly string[];
  readonly attachments_status?: "waiting" | "complete";
  /** The owner of the secrets. */
  readonly client_id?: string;
  readonly [field: string]: unknown;
}

interface ResultData {
  readonly job_state?: string;
  readonly status?: Job["status"];
  readonly device_info?: Record<string, unknown>;
  /** Results of very old databases: `test_output`, `test_status` … */
  readonly [legacy: string]: unknown;
}

/** Marks a job that was taken without a lease and is not reported on yet: it may still be put back. */
export const NO_LEASE = new Date(0);

const stateOf = ({ result_data }: JobDocument): string => result_data?.job_state ?? "";

const leaseOf = ({ leased_until }: JobDocument): Date | undefined =>
  leased_until && leased_until > NO_LEASE ? leased_until : undefined;

/** What a new job is stored as. */
export function waitingJob(job: NewJob): Omit<JobDocument, "_id"> {
  return {
    job_id: job.id,
    created_at: job.createdAt,
    job_priority: job.priority,
    job_data: present({
      ...job.definition,
      attachments_status: job.attachments,
      client_id: job.secretsOwner,
    }),
    result_data: { job_state: "waiting" },
    ...present({ submitter: job.submitter }),
  };
}

export function jobOf(document: JobDocument): Job {
  const { attachments_status, client_id, job_id: _id, ...definition } = document.job_data ?? {};
  const { job_state: _state, status = {}, device_info, ...legacyResults } = document.result_data ?? {};
  return present({
    id: document.job_id,
    createdAt: document.created_at,
    startedAt: document.started_at,
    endedAt: document.ended_at,
    definition: plain(definition) as unknown as Job["definition"],
    attachments: attachments_status,
    secretsOwner: client_id,
    submitter: document.submitter,
    priority: Number(document.job_priority ?? 0),
    state: stateOf(document),
    status: plain(status),
    deviceInfo: plain(device_info),
    agent: document.agent,
    leasedUntil: leaseOf(document),
    legacyResults: Object.keys(legacyResults).length > 0 ? plain(legacyResults) : undefined,
  });
}

/** What `summaryOf` reads. */
export const SUMMARY_FIELDS = {
  job_id: 1,
  created_at: 1,
  started_at: 1,
  ended_at: 1,
  job_priority: 1,
  submitter: 1,
  agent: 1,
  leased_until: 1,
  "job_data.job_queue": 1,
  "job_data.attachments_status": 1,
  "result_data.job_state": 1,
  "result_data.status": 1,
} as const;

export function summaryOf(document: JobDocument): JobSummary {
  const { definition, secretsOwner: _owner, deviceInfo: _info, legacyResults: _legacy, ...summary } = jobOf(document);
  return { ...summary, queue: definition.job_queue ?? "" };
}

/** What `listingOf` reads. */
export const LISTING_FIELDS = {
  job_id: 1,
  created_at: 1,
  "result_data.job_state": 1,
  "job_data.job_queue": 1,
} as const;

export const listingOf = (document: JobDocument): JobListing => ({
  id: document.job_id,
  createdAt: document.created_at,
  state: stateOf(document),
  queue: document.job_data?.job_queue ?? "",
});

/** What `overviewOf` reads. */
export const OVERVIEW_FIELDS = {
  ...LISTING_FIELDS,
  started_at: 1,
  ended_at: 1,
  job_priority: 1,
  submitter: 1,
  agent: 1,
  "result_data.status": 1,
  "job_data.attachments_status": 1,
  "job_data.name": 1,
  "job_data.tags": 1,
} as const;

export const overviewOf = (document: JobDocument): JobOverview =>
  present({
    ...listingOf(document),
    startedAt: document.started_at,
    endedAt: document.ended_at,
    status: plain(document.result_data?.status ?? {}),
    priority: Number(document.job_priority ?? 0),
    attachments: document.job_data?.attachments_status,
    agent: document.agent,
    submitter: document.submitter,
    name: document.job_data?.name,
    tags: document.job_data?.tags ?? [],
  });
