import { printableLine } from "../../api/printable.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { SubmittedJob } from "../../history/history.ts";
import { refreshedStates } from "../../history/refresh.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "jobs", description: "List the jobs submitted from here" },
  details:
    "Shows the last jobs, oldest first: ten, or as many as history_length in the configuration says. Times are UTC.",
  args: {
    status: { type: "boolean", alias: "s", description: "ask the server for the states of the jobs" },
    "1": { type: "boolean", description: "print only the ids, one per line" },
    ...outputOptions,
  },
  exclusive: [["1", "json", "output"]],
  fields: {
    job_id: "id of the job",
    queue: "queue of the job",
    submission_time: "when it was submitted, ISO 8601",
    job_state: "the last state that was seen, unknown at first",
  },
  examples: [
    "testflinger jobs --status",
    "testflinger results $(testflinger jobs -1 | tail -n 1)    # of the newest job",
  ],
  run,
});

interface JobsOptions extends OutputChoice {
  readonly status: boolean;
  readonly 1: boolean;
}

export async function run({ status, 1: idsOnly, ...choice }: JobsOptions, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  const known = await session.history.jobs();
  const jobs = status ? await refreshedStates(known, session) : known;
  if (idsOnly) return stdout.write(jobs.map(({ id }) => `${printableLine(id)}\n`).join(""));
  const format = chosenFormat(choice) ?? "table";
  const value = jobs.map(jsonOf);
  await printData(format, { value, layout: { indent: 2 }, table: () => table(jobs, status) }, stdout);
}

const jsonOf = ({ id, queue, submittedAt, state }: SubmittedJob) => ({
  job_id: id,
  queue,
  submission_time: submittedAt?.toISOString() ?? null,
  job_state: state,
});

/** The layout of the reference, down to the blank columns (command-line section 10.5). */
function table(jobs: readonly SubmittedJob[], withStatus: boolean): string {
  const rows = jobs.map(({ id, queue, submittedAt, state }) => {
    const status = withStatus ? state : "";
    return (
      printableLine(id).padEnd(36) +
      ` ${printableLine(status).padEnd(9)} ${timeOf(submittedAt)} ${printableLine(queue)}`
    );
  });
  const header = `${"Job ID".padEnd(36)} ${(withStatus ? "Status" : "").padEnd(9)} Submission Time  Queue`;
  return [header, "-".repeat(79), ...rows].map((line) => `${line}\n`).join("");
}

/** `Wed Jan 01 00:00`, in UTC; English whatever the locale. */
function timeOf(date: Date | undefined): string {
  // "Wed, 01 Jan 2025 00:00:00 GMT" (ECMA-262, Date.prototype.toUTCString)
  const parts = /^(\w+), (\d+) (\w+) \d+ (\d+:\d+)/.exec(date?.toUTCString() ?? "");
  return parts ? `${parts[1]} ${parts[3]} ${parts[2]} ${parts[4]}` : "unknown".padEnd(16);
}
