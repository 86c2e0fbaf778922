import { HttpError } from "../../api/errors.ts";
import { CliError, LoggedError } from "../../errors.ts";
import { stringify } from "../../format/python-json.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "results", description: "Show the results of a finished job" },
  details: "Prints one JSON object: the exit code and the output of every phase, and what is known about the device.",
  args: { job_id: { type: "positional", completes: "job", description: "job to look at" } },
  examples: ["testflinger results JOB_ID | jq .test_status", "testflinger results JOB_ID | jq -r .test_output"],
  run,
});

export async function run({ jobId }: { jobId: string }, { api, context }: Session): Promise<void> {
  try {
    const { json } = await api.results.get(jobId);
    context.io.stdout.write(`${stringify(json, { indent: 4, sortKeys: true })}\n`);
  } catch (error) {
    throw error instanceof HttpError ? explained(error) : error;
  }
}

function explained({ status, message }: HttpError): CliError {
  if (status === 204) return new CliError("No results found for that job id.");
  // Servers answer 400 for a malformed id; the reference expects 404 (W8).
  if (status === 400 || status === 404) {
    return new CliError("Invalid job id specified. Check the job id to be sure it is correct.");
  }
  return new LoggedError("results", `Unexpected error status from testflinger server: ${status} ${message}`.trimEnd());
}
