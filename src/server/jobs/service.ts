import type { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { isUuid } from "../../shared/text/uuid.ts";
import type { Caller } from "../http/caller.ts";
import { PermissionDenied, Problem } from "../http/problem.ts";
import type { Store } from "../store/store.ts";
import type { Job, JobListing, JobSearch } from "../store/jobs.ts";
import { assertMaySubmit } from "./permissions.ts";
import type { JobSecrets } from "./secrets.ts";

export interface JobServiceOptions {
  store: Pick<Store, "jobs" | "logs" | "files" | "uploads" | "agents" | "queues">;
  secrets: Pick<JobSecrets, "available" | "inaccessible">;
  /** `enforce`: only the submitter, managers and admins may cancel a job or upload its attachments. */
  ownership: "record" | "enforce";
  now: () => Date;
  newId: () => string;
  /** A job was accepted; for the metrics. */
  onAccepted: (queue: string, reserves: boolean) => void;
  /** The state of a job has changed; for those who watch it. */
  onChange: (jobId: string) => void;
  /** A job waits in the queue for an agent. */
  onAvailable: (queue: string) => void;
}

/** Submission and cancellation of jobs, and what people want to know of them (server-api sections 4, 5, 6.2-6.9). */
export class JobService {
  constructor(private readonly options: JobServiceOptions) {}

  /** Checks and stores a job; its id. */
  async submit(caller: Caller, submission: JobSubmission): Promise<string> {
    const { job_id, ...definition } = submission;
    const { store, now, newId } = this.options;
    const queue = definition.job_queue;
    await this.assertSomeAgentAllowed(definition);
    await this.assertSecretsAccessible(caller, definition);
    if (job_id && !isUuid(job_id)) throw new Problem(400, "Invalid job_id specified");
    assertMaySubmit(caller, definition, await store.queues.isRestricted(queue));

    const id = job_id || newId();
    const outcome = await store.jobs.submit({
      id,
      createdAt: now(),
      definition: withoutNullTimeout(definition),
      attachments: hasAttachments(definition) ? "waiting" : undefined,
      secretsOwner: definition.test_data?.secrets && (caller.clientId ?? undefined),
      submitter: caller.clientId ?? undefined,
      priority: definition.job_priority ?? 0,
    });
    if (outcome === "active")
      throw new Problem(409, `Job ${id} is being worked on. Cancel it, or submit without job_id to get a new job.`);
    if (outcome === "replaced") {
      await store.logs.remove(id);
      await store.files.remove(id);
    }
    this.options.onAccepted(queue, definition.reserve_data !== undefined);
    this.options.onChange(id);
    this.options.onAvailable(queue);
    return id;
  }

  async find(id: string): Promise<Job | null> {
    assertJobId(id);
    return this.options.store.jobs.find(id);
  }

  /** State, results and place of a job, at a cost that does not depend on its logs. */
  async state(id: string): Promise<Record<string, unknown> | null> {
    assertJobId(id);
    const found = await this.options.store.jobs.summaryWithPosition(id);
    if (!found) return null;
    const { summary: job, position } = found;
    return {
      job_id: id,
      job_state: job.state,
      phases: job.status,
      queue: job.queue,
      position,
      agent: job.agent ?? null,
      created_at: job.createdAt.toISOString(),
      started_at: job.startedAt?.toISOString() ?? null,
      ended_at: job.endedAt?.toISOString() ?? null,
    };
  }

  async position(id: string): Promise<number | null> {
    assertJobId(id);
    return this.options.store.jobs.position(id);
  }

  async cancel(caller: Caller, id: string): Promise<void> {
    if (!isUuid(id)) throw new Problem(400, "Invalid job id\n", { form: "text" });
    await this.assertOwner(caller, id);
    await this.end(id);
  }

  /** Cancels a job for somebody who may do that. */
  async end(id: string): Promise<void> {
    if (!(await this.options.store.jobs.cancel(id, this.options.now())))
      throw new Problem(400, "The job is already completed or cancelled", { form: "text" });
    this.options.onChange(id);
    await this.options.store.uploads.expire(id);
  }

  /** With ownership enforced: may the caller change this job? */
  async assertOwner(caller: Caller, id: string): Promise<void> {
    if (this.options.ownership !== "enforce" || caller.role === "manager" || caller.role === "admin") return;
    const job = await this.options.store.jobs.summary(id);
    if (job?.submitter !== undefined && job.submitter !== caller.clientId)
      throw new PermissionDenied(
        caller.clientId,
        403,
        `Job ${id} belongs to another client. Ask its submitter, a manager or an admin.`,
      );
  }

  search(search: JobSearch): Promise<JobListing[]> {
    return this.options.store.jobs.search(search);
  }

  inQueue(queue: string): Promise<JobListing[]> {
    return this.options.store.jobs.inQueue(queue);
  }

  private async assertSomeAgentAllowed({ job_queue, exclude_agents = [] }: JobDefinition): Promise<void> {
    if (exclude_agents.length && !(await this.options.store.agents.servesQueue(job_queue, exclude_agents)))
      throw new Problem(422, "There are no agents on the specified queue that are allowed to run this job");
  }

  private async assertSecretsAccessible(caller: Caller, { test_data }: JobDefinition): Promise<void> {
    if (test_data?.secrets === undefined) return;
    const { secrets } = this.options;
    if (!secrets.available) throw new Problem(422, "No secrets store");
    if (caller.clientId === null) throw new Problem(422, "Missing client ID (user not authenticated)");
    const missing = await secrets.inaccessible(caller.clientId, Object.values(test_data.secrets));
    if (missing.length) throw new Problem(422, `Inaccessible secret paths: ${missing.join(", ")}`);
  }
}

export function assertJobId(id: string): void {
  if (!isUuid(id)) throw new Problem(400, "Invalid job_id specified");
}

/** Does any `*_data` section name attachments, even none (server-api section 5.2)? */
export const hasAttachments = (definition: JobDefinition): boolean =>
  Object.entries(definition).some(
    ([key, section]) =>
      key.endsWith("_data") && typeof section === "object" && section !== null && Object.hasOwn(section, "attachments"),
  );

/** A null timeout says no more than an absent one. */
function withoutNullTimeout(definition: JobDefinition): JobDefinition {
  if (definition.reserve_data?.timeout !== null) return definition;
  const { timeout: _, ...reserve_data } = definition.reserve_data;
  return { ...definition, reserve_data };
}
