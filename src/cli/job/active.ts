import { isTerminal } from "../../shared/phases.ts";
import { HttpError } from "../api/errors.ts";
import { CliError } from "../errors.ts";
import type { SubmittedJob } from "../history/history.ts";
import { inParallel } from "../parallel.ts";
import type { Session } from "../session.ts";
import { jobState } from "./state.ts";

const LIMIT = 4;

/**
 * The jobs submitted from here that the server says have not ended, oldest first. The history knows neither whether the
 * jobs were submitted to this server nor what has become of them since.
 * @throws as the requests, but not for jobs that the server does not know
 */
export async function activeJobs(session: Session): Promise<SubmittedJob[]> {
  const candidates = (await session.history.jobs()).filter(({ state }) => !isTerminal(state));
  const states = await inParallel(candidates, LIMIT, ({ id }) => stateOf(id, session));
  const known = candidates.flatMap((job, i) => (states[i] === undefined ? [] : [{ ...job, state: states[i] }]));
  await session.history.setStates(known.map(({ id, state }) => [id, state]));
  return known.filter(({ state }) => !isTerminal(state));
}

async function stateOf(id: string, session: Session): Promise<string | undefined> {
  try {
    return await jobState(id, session);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if ([204, 400, 404].includes(error.status)) return undefined;
    throw new CliError(`Cannot find out whether job ${id} has ended: [${error.status}] ${error.message}`);
  }
}
