import { isTerminal } from "../../shared/phases.ts";
import { ConnectionFailure, HttpError, UnexpectedAnswer, VpnError } from "../api/errors.ts";
import { jobState } from "../job/state.ts";
import { inParallel } from "../parallel.ts";
import type { Session } from "../session.ts";
import type { SubmittedJob } from "./history.ts";

/** Requests that are under way at the same time. */
const PARALLEL = 4;

/**
 * The jobs with the states that the server names for those that have not ended, noted in the history too. A state that
 * cannot be had is `unknown`, and the other rows are shown all the same (W53).
 */
export async function refreshedStates(jobs: readonly SubmittedJob[], session: Session): Promise<SubmittedJob[]> {
  const refresh = new Refresh(session);
  const pending = jobs.filter(({ state }) => !isTerminal(state)).map(({ id }) => id);
  await inParallel(pending, PARALLEL, (id) => refresh.ask(id));
  await session.history.setStates([...refresh.known]);
  return jobs.map((job) => ({ ...job, state: refresh.shown.get(job.id) ?? job.state }));
}

class Refresh {
  /** States to be shown. */
  readonly shown = new Map<string, string>();
  /** States to be remembered. */
  readonly known = new Map<string, string>();
  private unreachable = false;

  constructor(private readonly session: Session) {}

  async ask(id: string): Promise<void> {
    const state = await this.stateOf(id);
    this.shown.set(id, state ?? "unknown");
    if (state !== undefined) this.known.set(id, state);
  }

  /** Undefined when the server does not know the job; `unknown` when it could not be asked. */
  private async stateOf(id: string): Promise<string | undefined> {
    // Each further request to a dead server would wait longer than the one before.
    if (this.unreachable) return "unknown";
    try {
      return (await jobState(id, this.session)) ?? "unknown";
    } catch (error) {
      if (error instanceof HttpError && [204, 400].includes(error.status)) return undefined;
      const isPassing = [HttpError, UnexpectedAnswer, ConnectionFailure, VpnError].some(
        (kind) => error instanceof kind,
      );
      if (!isPassing) throw error;
      if (!(error instanceof HttpError) && !this.unreachable) {
        this.unreachable = true;
        this.session.log.warning("jobs", (error as Error).message);
      }
      return "unknown";
    }
  }
}
