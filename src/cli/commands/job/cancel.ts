import { defineCommand } from "../../grammar/command.ts";
import { cancelJob } from "../../job/cancel.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "cancel", description: "Cancel a job" },
  details: "Says nothing when it worked. A running job stops as soon as its agent notices.",
  args: { job_id: { type: "positional", completes: "job", description: "job to cancel" } },
  examples: ["testflinger cancel JOB_ID"],
  run,
});

export async function run({ jobId }: { jobId: string }, session: Session): Promise<void> {
  await cancelJob(jobId, session);
}
