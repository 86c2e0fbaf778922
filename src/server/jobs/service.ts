import type { JobDefinition, JobSubmission } from "../../shared/job/definition.ts";
import { isUuid } from "../../shared/text/uuid.ts";
import type { Caller } from "../http/caller.ts";
import { PermissionDenied, Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Logger } from "../log/logger.ts";
import type { Store } from "../store/store.ts";
import type { Job, JobListing, JobSearch } from "../store/jobs.ts";
import { type AgentWaiting, Dispatcher } from "./dispatcher.ts";
import { assertMaySubmit } from "./permissions.ts";

/** Milliseconds during which an agent that did not get the answer is handed the same job again. */
const LEASE = 60_000;

/** Secrets as jobs use them (server-api section 5.5). */
export interface JobSecrets {
  /** Is there a store for secrets at all? */
  readonly available: boolean;
  /** Those of the paths that the owner has no secret under, sorted. */
  inaccessible(owner: string, paths: readonly string[]): Promise<string[]>;
  /**
   * Environment variable -> value; `""` for what cannot be read. Reading ends single-use secrets, but a job that is handed out again within `until`
   * gets them again.
   */
  resolve(
    owner: string,
    secrets: Readonly<Record<string, string>>,
    delivery: { readonly jobId: string; readonly until?: Date; readonly context?: RequestContext },
  ): Promise<Record<string, string>>;
}

export interface JobServiceOptions {
  store: Pick<Store, "jobs" | "logs" | "files" | "uploads" | "agents" | "queues" | "shared">;
  secrets: JobSecrets;
  /** `enforce`: only the submitter, managers and admins may cancel a job or upload its attachments. */
  ownership: "record" | "enforce";
  now: () => Date;
  newId: () => string;
  log: Logger;
  /** A job was accepted; for the metrics. */
  onAccepted: (queue: string, reserves: boolean) => void;
  /** The state of a job has changed; for those who watch it. */
  onChange: (jobId: string) => void;
}

/** Submission, dispatch and cancellation of jobs (server-api sections 4, 5, 6.2-6.9). */
export class JobService {
  private readonly dispatcher: Dispatcher;

  constructor(private readonly options: JobServiceOptions) {
    this.dispatcher = new Dispatcher({
      jobs: options.store.jobs,
      pop: (waiting) => this.pop(waiting, { leased: true, expected: true }),
      putBack: (job, agent) => this.putBack(job, agent),
      shared: options.store.shared,
      onError: (error) => options.log.error("dispatch failed", { reason: String(error) }),
    });
  }

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
    this.dispatcher.wake(queue);
    return id;
  }

  /**
   * The next job for an agent. Without `waitSeconds` one look; with it the agent waits that long, and gets a job again that it was given less than
   * a minute ago and has not reported on (a lost answer loses nothing).
   *
   * @param context of the request, for the audit log
   */
  async take(
    agent: AgentWaiting,
    waitSeconds: number | undefined,
    context?: RequestContext,
  ): Promise<Record<string, unknown> | null> {
    if (waitSeconds === undefined) return this.handOver(await this.pop(agent, { leased: false }), agent, context);
    const job =
      (await this.options.store.jobs.leased({ ...agent, now: this.options.now() })) ??
      (await this.pop(agent, { leased: true }));
    if (job) return this.handOver(job, agent, context);
    // Not awaited: thousands of agents wait, and this call would be kept in memory for each.
    return this.dispatcher
      .wait(agent, waitSeconds * 1000)
      .then((waitedFor) => this.handOver(waitedFor, agent, context));
  }

  /** The answer to the agent, if there is a job and it has not hung up; else the job goes back to its queue. */
  private async handOver(
    job: Job | null,
    agent: AgentWaiting,
    context: RequestContext | undefined,
  ): Promise<Record<string, unknown> | null> {
    if (!job) return null;
    // Asked before the secrets are read as well, because that ends single-use ones.
    try {
      const answer = agent.signal.aborted ? null : await this.handout(job, context);
      if (!agent.signal.aborted) return answer;
    } catch (error) {
      // The agent gets an error instead of the job.
      await this.putBack(job, agent.agent);
      throw error;
    }
    await this.putBack(job, agent.agent);
    return null;
  }

  /** Attachments have arrived, or something else made a waiting job available. */
  wake(queue: string): void {
    this.dispatcher.wake(queue);
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

  /** Ends all waits of agents. */
  close(): void {
    this.dispatcher.close();
  }

  private async pop(
    { agent, queues }: AgentWaiting,
    { leased, expected }: { leased: boolean; expected?: boolean },
  ): Promise<Job | null> {
    const now = this.options.now();
    const job = await this.options.store.jobs.pop({
      agent,
      queues,
      now,
      leasedUntil: leased ? new Date(now.getTime() + LEASE) : undefined,
      expected,
    });
    if (!job) return null;
    this.options.onChange(job.id);
    void this.recordWait(job, now);
    return job;
  }

  private async putBack(job: Job, agent: string): Promise<void> {
    if (!job.startedAt || !(await this.options.store.jobs.release(job.id, agent, job.startedAt))) return;
    this.options.onChange(job.id);
    this.dispatcher.wake(job.definition.job_queue);
  }

  /** The answer to the agent: the definition with secrets in place of their paths (server-api sections 5.5 and 6.3). */
  private async handout(job: Job, context: RequestContext | undefined): Promise<Record<string, unknown>> {
    const { definition, startedAt = this.options.now() } = job;
    const secrets = definition.test_data?.secrets;
    const test_data = secrets && { ...definition.test_data, secrets: await this.secretValues(job, secrets, context) };
    return {
      job_id: job.id,
      ...definition,
      exclude_agents: definition.exclude_agents ?? [],
      ...(test_data ? { test_data } : {}),
      ...(job.attachments ? { attachments_status: job.attachments } : {}),
      ...(job.secretsOwner === undefined ? {} : { client_id: job.secretsOwner }),
      started_at: `${startedAt.toISOString().slice(0, 19)}Z`,
    };
  }

  private async secretValues(
    job: Job,
    secrets: Readonly<Record<string, string>>,
    context: RequestContext | undefined,
  ): Promise<Record<string, string>> {
    if (job.secretsOwner === undefined) return Object.fromEntries(Object.keys(secrets).map((name) => [name, ""]));
    const delivery = { jobId: job.id, until: job.leasedUntil, context };
    return this.options.secrets.resolve(job.secretsOwner, secrets, delivery);
  }

  /** A statistic must not cost the agent its job, nor time. */
  private async recordWait(job: Job, end: Date): Promise<void> {
    const seconds = Math.max(0, Math.floor((end.getTime() - job.createdAt.getTime()) / 1000));
    await this.options.store.queues
      .recordWait(job.definition.job_queue, seconds)
      .catch((error: unknown) =>
        this.options.log.warn("wait time not recorded", { job_id: job.id, reason: String(error) }),
      );
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
