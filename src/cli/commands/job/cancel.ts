import { printableLine } from "../../api/printable.ts";
import { CliError, UsageError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { SubmittedJob } from "../../history/history.ts";
import { cancelJob, NotCancelled } from "../../job/cancel.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "cancel", description: "Cancel jobs" },
  details:
    "Says nothing when it worked. A running job stops as soon as its agent notices. A job that cannot be cancelled " +
    "does not keep the others from it; the exit status is then 1.\n\n" +
    "With --mine, the jobs that `jobs` lists and that have not ended are shown, and cancelled when you agree.",
  args: {
    mine: { type: "boolean", description: "cancel every job that was submitted from here and has not ended" },
    yes: { type: "boolean", alias: "y", description: "with --mine: do not ask, print the ids of the cancelled jobs" },
    job_id: {
      type: "positional",
      required: false,
      collect: "each",
      completes: "job",
      description: "job to cancel",
    },
  },
  examples: ["testflinger cancel JOB_ID", "testflinger cancel --mine    # everything submitted from here"],
  run,
});

export interface CancelOptions {
  readonly mine: boolean;
  readonly yes: boolean;
  readonly jobId: readonly string[];
}

export async function run({ mine, yes, jobId: ids }: CancelOptions, session: Session): Promise<void> {
  if (mine) {
    if (ids.length > 0) throw usage("argument job_id: not allowed with argument --mine");
    return cancelOwn(yes, session);
  }
  if (yes) throw usage("--yes needs --mine");
  if (ids.length === 0) throw usage("the following arguments are required: job_id");
  await cancelAll(ids, session);
}

const usage = (message: string) => new UsageError(message, ["cancel"]);

async function cancelOwn(yes: boolean, session: Session): Promise<void> {
  const { stdin, stdout, stderr } = session.context.io;
  const canAsk = stdin.isTTY && stdout.isTTY;
  if (!yes && !canAsk) throw usage("--mine needs --yes where nobody can be asked");
  const { activeJobs } = await import("../../job/active.ts");
  const jobs = await activeJobs(session);
  if (jobs.length === 0) return stderr.write("None of the jobs submitted from here can be cancelled.\n");
  if (!yes && !(await agreed(jobs, session))) throw new CliError("Nothing was cancelled.");
  await cancelAll(
    jobs.map(({ id }) => id),
    session,
    yes ? (id) => stdout.write(`${printableLine(id)}\n`) : undefined,
  );
}

/** The end of input is no consent. */
async function agreed(jobs: readonly SubmittedJob[], { context }: Session): Promise<boolean> {
  const { stdin, stdout } = context.io;
  const rows = jobs.map(({ id, state, queue }) => `${[id, state, queue].map(printableLine).join("  ")}\n`);
  stdout.write(`${rows.join("")}Cancel ${jobs.length === 1 ? "this job" : `these ${jobs.length} jobs`}? (y/N) `);
  const answer = await stdin.line();
  if (answer === null) stdout.write("\n");
  return /^y(es)?$/i.test(answer?.trim() ?? "");
}

/** @throws CliError when some could not be cancelled, behind the others */
async function cancelAll(ids: readonly string[], session: Session, tell?: (id: string) => void): Promise<void> {
  const failures: NotCancelled[] = [];
  for (const id of ids) {
    try {
      await cancelJob(id, session);
      tell?.(id);
    } catch (error) {
      if (!(error instanceof NotCancelled)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) return;
  throw new CliError(failures.map(({ message }) => message).join("\n"), 1, { cause: failures[0] });
}
