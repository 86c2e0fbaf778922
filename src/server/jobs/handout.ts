import type { RequestContext } from "../http/request-context.ts";
import type { Logger } from "../log/logger.ts";
import type { Job } from "../store/jobs.ts";
import type { Store } from "../store/store.ts";
import { type AgentWaiting, Dispatcher } from "./dispatcher.ts";
import type { JobSecrets } from "./secrets.ts";

/** Milliseconds during which an agent that did not get the answer is handed the same job again. */
const LEASE = 60_000;

export interface JobHandoutOptions {
  store: Pick<Store, "jobs" | "queues" | "shared">;
  secrets: Pick<JobSecrets, "resolve">;
  now: () => Date;
  log: Logger;
  /** The state of a job has changed; for those who watch it. */
  onChange: (jobId: string) => void;
}

/** How agents get jobs (server-api section 6.3). */
export class JobHandout {
  private readonly dispatcher: Dispatcher;

  constructor(private readonly options: JobHandoutOptions) {
    this.dispatcher = new Dispatcher({
      jobs: options.store.jobs,
      pop: (waiting) => this.pop(waiting, { leased: true, expected: true }),
      putBack: (job, agent) => this.putBack(job, agent),
      shared: options.store.shared,
      onError: (error) => options.log.error("dispatch failed", { reason: String(error) }),
    });
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

  /** Attachments have arrived, or something else made a waiting job available. */
  wake(queue: string): void {
    this.dispatcher.wake(queue);
  }

  /** Ends all waits of agents. */
  close(): void {
    this.dispatcher.close();
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
}
