import { HttpError } from "../api/errors.ts";
import { CliError } from "../errors.ts";
import type { JsonObject } from "../format/json-value.ts";
import type { Session } from "../session.ts";
import { type Patience, requireAgents } from "./availability.ts";

/**
 * Submits a job without attachments, if an agent can run it.
 *
 * @returns the id that the server gave it
 * @throws {CliError} saying why the job was not submitted
 */
export async function submitJob(
  job: Readonly<Record<string, unknown>> & { readonly job_queue: string },
  patience: Patience,
  session: Session,
): Promise<string> {
  await requireAgents({ queue: job.job_queue, excludedAgents: [] }, patience, session);
  const id = await postJob(job, job.job_queue, session);
  if (id === undefined) throw new CliError("The server accepted the job, but did not say under which id.");
  return id;
}

/**
 * Posts a job and notes it in the history (command-line section 7.7).
 *
 * @returns the id that the server gave it; undefined when it named none
 * @throws {CliError} saying why the server refused the job
 */
export async function postJob(
  job: JsonObject | Readonly<Record<string, unknown>>,
  queue: string,
  { api, history, settings }: Session,
): Promise<string | undefined> {
  try {
    const id = await api.jobs.submit(job);
    if (id !== undefined) await history.add(id, queue, settings.historyLength);
    return id;
  } catch (error) {
    throw error instanceof HttpError ? new CliError(refusal(error), 1, { cause: error }) : error;
  }
}

function refusal({ status, message }: HttpError): string {
  switch (status) {
    case 400:
      return (
        "The job you submitted contained bad data or bad formatting, or did not specify a job_queue.\n" +
        `The server says: ${message}`
      );
    case 401:
      return (
        `Received 401 error from server with reason: ${message}\n` +
        "You are attempting to use a feature that requires client authorisation without using client credentials."
      );
    case 403:
      return (
        `Received 403 error from server with reason: ${message}\n` +
        "The specified client credentials do not have sufficient permissions for the resource(s) you are trying to access."
      );
    default:
      return `Unexpected error status from testflinger server: [${status}] ${message}`;
  }
}
