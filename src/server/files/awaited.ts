import { isUuid } from "../../shared/text/uuid.ts";
import { Problem } from "../http/problem.ts";
import type { JobStore, JobSummary } from "../store/jobs.ts";

/**
 * The job, if it still wants attachments; null if it has them, so that a repeated upload succeeds (server-api section 6.6). Throws the reference's
 * answers for others.
 */
export async function awaitingJob(jobs: Pick<JobStore, "summary">, jobId: string): Promise<JobSummary | null> {
  assertFileId(jobId);
  const job = await jobs.summary(jobId);
  if (job?.state !== "waiting") throw notWaiting(jobId);
  if (job.attachments === undefined)
    throw new Problem(422, `Job ${jobId} not awaiting attachments\n`, { form: "text" });
  return job.attachments === "waiting" ? job : null;
}

export const notWaiting = (jobId: string): Problem => new Problem(422, `Job ${jobId} is not valid\n`, { form: "text" });

export function assertFileId(jobId: string): void {
  if (!isUuid(jobId)) throw new Problem(400, "Invalid job id\n", { form: "text" });
}
