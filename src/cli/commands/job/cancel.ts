import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { cancelJob, NotCancelled } from "../../job/cancel.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "cancel", description: "Cancel jobs" },
  details:
    "Says nothing when it worked. A running job stops as soon as its agent notices. A job that cannot be cancelled " +
    "does not keep the others from it; the exit status is then 1.",
  args: { job_id: { type: "positional", collect: "each", completes: "job", description: "job to cancel" } },
  examples: [
    "testflinger cancel JOB_ID",
    "testflinger cancel $(testflinger jobs -1)    # everything submitted from here",
  ],
  run,
});

export async function run({ jobId: ids }: { jobId: readonly string[] }, session: Session): Promise<void> {
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await cancelJob(id, session);
    } catch (error) {
      if (!(error instanceof NotCancelled)) throw error;
      failures.push(error.message);
    }
  }
  if (failures.length > 0) throw new CliError(failures.join("\n"));
}
