import { HttpError, isRequestFailure, isUnauthorized } from "../../api/errors.ts";
import { howToLogIn } from "../../auth/how-to-log-in.ts";
import { defineCommand } from "../../grammar/command.ts";
import { JOB_REPORT_FIELDS, type JobReport, reportOn } from "../../job/report.ts";
import { jobState } from "../../job/state.ts";
import { explainedForJob } from "../../job/unknown-job.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { fieldList } from "../../output/table.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "status", description: "Show the state of a job" },
  details:
    "Prints one word: waiting, a phase (setup, provision, firmware_update, test, allocate, reserve, cleanup), " +
    "allocated, complete or cancelled. With --json or --output it prints everything that is known of the job.",
  args: {
    ...outputOptions,
    job_id: { type: "positional", completes: "job", description: "job to look at" },
  },
  exclusive: [["json", "output"]],
  fields: JOB_REPORT_FIELDS,
  examples: [
    "testflinger status JOB_ID",
    "testflinger status JOB_ID --output table                  # where it is, and since when",
    "testflinger status JOB_ID --json | jq -r .connect_to      # user@address of a reserved device",
  ],
  run,
});

export type StatusOptions = OutputChoice & { readonly jobId: string };

export async function run({ jobId, ...choice }: StatusOptions, session: Session): Promise<void> {
  const format = chosenFormat(choice);
  if (!format) return printState(jobId, session);
  const { stdout } = session.context.io;
  const report = await reportOn(jobId, session);
  await session.history.setState(jobId, report.job_state);
  await printData(
    format,
    { value: report, layout: { indent: 2 }, table: () => fieldList(rows(report), stdout) },
    stdout,
  );
}

async function printState(jobId: string, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  try {
    const state = await jobState(jobId, session);
    if (state !== undefined) await session.history.setState(jobId, state);
    stdout.write(`${state ?? "None"}\n`);
  } catch (error) {
    if (error instanceof HttpError && [204, 400].includes(error.status)) throw explainedForJob(error);
    if (!isRequestFailure(error)) throw error;
    if (isUnauthorized(error)) session.context.io.stderr.write(howToLogIn(session.program));
    // Scripts that loop until `complete` read this line as "not yet" (command-line sections 10.16 and 13).
    stdout.write("Unable to retrieve job state from the server, check your connection or try again later.\n");
  }
}

const rows = (report: JobReport) =>
  [
    ["Job", report.job_id],
    ["Name", report.name],
    ["State", report.job_state],
    ["Queue", report.queue],
    ["Tags", report.tags.join(", ")],
    ["Jobs ahead", report.position],
    ["Agent", report.agent],
    ["Device", report.device_info],
    ["Connect to", report.connect_to],
    ["Reserved until", report.reservation_ends_at],
    [
      "Exit codes",
      Object.entries(report.phases)
        .map(([phase, code]) => `${phase} ${code}`)
        .join(", "),
    ],
    ["Submitted", report.created_at],
    ["Started", report.started_at],
    ["Ended", report.ended_at],
  ] as const;
