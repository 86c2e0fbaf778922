import { PHASES } from "../../../shared/phases.ts";
import { HttpError } from "../../api/errors.ts";
import type { JobResult } from "../../api/results.ts";
import { CliError, LoggedError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { fieldList } from "../../output/table.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "results", description: "Show the results of a finished job" },
  details:
    "Prints one JSON object: the exit code and the output of every phase, and what is known about the device. " +
    "The table leaves the outputs out.",
  args: { ...outputOptions, job_id: { type: "positional", completes: "job", description: "job to look at" } },
  exclusive: [["json", "output"]],
  fields: {
    job_state: "state of the job",
    device_info: "what the agent says about the device",
    PHASE_status: "exit code of the phase: test_status, provision_status ...",
    PHASE_output: "what the phase printed",
    PHASE_serial: "what the device wrote to its serial console meanwhile",
  },
  examples: ["testflinger results JOB_ID | jq .test_status", "testflinger results JOB_ID | jq -r .test_output"],
  run,
});

export type ResultsOptions = OutputChoice & { readonly jobId: string };

export async function run({ jobId, ...choice }: ResultsOptions, { api, context }: Session): Promise<void> {
  const { stdout } = context.io;
  const { json, value: result } = await resultOf(jobId, api);
  const table = () => fieldList(summary(result), stdout);
  const layout = { indent: 4, sortKeys: true };
  await printData(chosenFormat(choice) ?? "json", { value: json, layout, table }, stdout);
}

const summary = (result: JobResult): [label: string, value: unknown][] => [
  ["state", result.job_state],
  ...PHASES.map((phase): [string, unknown] => [`${phase} exit code`, result[`${phase}_status`]]),
  ["device", result.device_info],
];

async function resultOf(jobId: string, api: Session["api"]) {
  try {
    return await api.results.get(jobId);
  } catch (error) {
    throw error instanceof HttpError ? explained(error) : error;
  }
}

function explained(error: HttpError): CliError {
  const { status, message } = error;
  if (status === 204) return new CliError("No results found for that job id.");
  // Servers answer 400 for a malformed id; the reference expects 404 (W8).
  if (status === 400 || status === 404) {
    return new CliError("Invalid job id specified. Check the job id to be sure it is correct.");
  }
  const text = `Unexpected error status from testflinger server: ${status} ${message}`.trimEnd();
  return new LoggedError("results", text, { cause: error });
}
