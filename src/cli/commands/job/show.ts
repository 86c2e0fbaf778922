import { ConnectionFailure, HttpError, UnexpectedAnswer } from "../../api/errors.ts";
import { CliError } from "../../errors.ts";
import type { Json } from "../../format/json-value.ts";
import { stringify } from "../../format/python-json.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "show", description: "Show a job as it was submitted" },
  args: {
    yaml: { type: "boolean", description: "print YAML instead of JSON" },
    job_id: { type: "positional", completes: "job", description: "job to show" },
  },
  examples: ["testflinger show JOB_ID", "testflinger show --yaml JOB_ID > again.yaml"],
  run,
});

export async function run({ jobId, yaml }: { jobId: string; yaml: boolean }, session: Session): Promise<void> {
  const job = await submittedJob(jobId, session);
  const text = yaml ? await yamlText(job) : stringify(job, { indent: 4, sortKeys: true });
  session.context.io.stdout.write(`${text}\n`);
}

async function yamlText(job: Json): Promise<string> {
  const { dumpYaml } = await import("../../format/yaml.ts");
  return dumpYaml(job);
}

/** Null when there is no answer, as scripts know it; stderr says why (command-line section 10.15, W6). */
async function submittedJob(jobId: string, { api, log }: Session): Promise<Json> {
  try {
    return (await api.jobs.get(jobId)).json;
  } catch (error) {
    if (error instanceof ConnectionFailure || error instanceof UnexpectedAnswer) {
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
