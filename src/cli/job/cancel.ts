import { HttpError } from "../api/errors.ts";
import { CliError } from "../errors.ts";
import type { Session } from "../session.ts";

/** The server would not cancel the job. */
export class NotCancelled extends CliError {
  override readonly name = "NotCancelled";
}

/**
 * Cancels a job and notes that in the history (command-line section 10.3).
 * @throws NotCancelled when the server says that there is nothing to cancel, with its reason
 */
export async function cancelJob(jobId: string, { api, history }: Pick<Session, "api" | "history">): Promise<void> {
  try {
    await api.jobs.cancel(jobId);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.status !== 400)
      throw new NotCancelled(`Job ${jobId} was not cancelled: [${error.status}] ${error.message}`, 1, { cause: error });
    throw new NotCancelled(
      `Job ${jobId} is already complete/cancelled, or is not known to the server: ${error.message || "no reason given"}`,
    );
  }
  await history.setState(jobId, "cancelled");
}
