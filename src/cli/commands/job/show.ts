import { ConnectionFailure, HttpError, UnexpectedAnswer } from "../../api/errors.ts";
import { CliError } from "../../errors.ts";
import { type Json, plain } from "../../format/json-value.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { fieldList } from "../../output/table.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "show", description: "Show a job as it was submitted" },
  args: {
    yaml: { type: "boolean", description: "print YAML, followed by an empty line" },
    ...outputOptions,
    job_id: { type: "positional", completes: "job", description: "job to show" },
  },
  exclusive: [["yaml", "json", "output"]],
  fields: { job_id: "id of the job", job_queue: "queue of the job", "...": "the fields of the job file" },
  examples: ["testflinger show JOB_ID", "testflinger show --output yaml JOB_ID > again.yaml"],
  run,
});

export type ShowOptions = OutputChoice & { readonly jobId: string; readonly yaml: boolean };

export async function run({ jobId, yaml, ...choice }: ShowOptions, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  const chosen = chosenFormat(choice);
  const job = await submittedJob(jobId, session, { orNull: !chosen });
  const format = yaml ? "yaml" : (chosen ?? "json");
  const table = () => fieldList(Object.entries(plain(job) ?? {}), stdout);
  await printData(format, { value: job, layout: { indent: 4, sortKeys: true }, table }, stdout);
  if (yaml) stdout.write("\n");
}

/**
 * The job as the server has it. With `orNull`, null stands for a missing answer, as scripts know it, and stderr says why
 * (command-line section 10.15, W6).
 */
async function submittedJob(jobId: string, { api, log }: Session, { orNull }: { orNull: boolean }): Promise<Json> {
  try {
    return (await api.jobs.get(jobId)).json;
  } catch (error) {
    if (orNull && (error instanceof ConnectionFailure || error instanceof UnexpectedAnswer)) {
      log.error("show", error.message);
      return null;
    }
    if (error instanceof HttpError && error.status === 204) throw new CliError("No data found for that job id.");
    if (error instanceof HttpError && error.status === 400) {
      throw new CliError("Invalid job id specified. Check the job id to be sure it is correct.");
    }
    throw error;
  }
}
