import { Problem } from "../http/problem.ts";
import { assertJobId } from "../jobs/service.ts";
import type { JobStore } from "../store/jobs.ts";
import type { JobEvents } from "./schema.ts";
import type { Webhook, WebhookAnswer } from "./webhook.ts";

export interface EventServiceOptions {
  jobs: Pick<JobStore, "find">;
  /** Null: the operator has allowed no webhook. */
  webhook: Webhook | null;
}

/** Events of a job, passed on to the webhook that its submitter named (server-api section 6.10). */
export class EventService {
  constructor(private readonly options: EventServiceOptions) {}

  /** Delivers within the request; the webhook's own answer. */
  async relay(jobId: string, { job_status_webhook: target, ...events }: JobEvents): Promise<WebhookAnswer> {
    assertJobId(jobId);
    const { jobs, webhook } = this.options;
    const job = await jobs.find(jobId);
    if (!job) throw new Problem(404, "Job not found");
    if (!webhook) throw new Problem(500, "Webhook URL not configured");
    // An agent may not make the server call other addresses than the submitter has named, with the server's own credentials.
    const own = job.definition.job_status_webhook;
    if (!webhook.accepts(target) || (own !== undefined && own !== target))
      throw new Problem(403, "Invalid job_status_webhook URL specified");
    return webhook.put(target, events);
  }
}
