import type { HttpError } from "../api/errors.ts";
import { CliError } from "../errors.ts";

/** What a failed request about one job means to the person who typed its id (command-line sections 8.2 and 10.16). */
export function explainedForJob(error: HttpError): CliError {
  const hint = "Check the job id to be sure it is correct.";
  if (error.status === 204) return new CliError(`No data found for that job id. ${hint}`);
  if (error.status === 400) return new CliError(`Invalid job id specified. ${hint}`);
  return error;
}
