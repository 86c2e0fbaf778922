import { HttpError } from "../api/errors.ts";
import type { Session } from "../session.ts";

/**
 * The state of a job, asked from the route that does not send the job's whole logs along where there is one; undefined
 * when the server names none.
 */
export async function jobState(jobId: string, { api }: Pick<Session, "api">): Promise<string | undefined> {
  try {
    return (await api.jobs.state(jobId)).job_state;
  } catch (error) {
    if (!(error instanceof HttpError) || error.status !== 404) throw error;
  }
  const { job_state: state } = (await api.results.get(jobId)).value;
  return typeof state === "string" ? state : undefined;
}
