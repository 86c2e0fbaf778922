import { type Phase, PHASES } from "../../shared/phases.ts";
import { CliError } from "../errors.ts";
import type { Progress } from "../poll/events.ts";

/**
 * Makes the outcome of a job the program's own, for `--exit-status` (W9).
 * @param phase look at this phase only
 * @throws CliError with the exit code of the phase, or of the first phase that failed; with 1 for a cancelled job
 */
export function requireSuccess({ state, exitCodes }: Progress, phase?: Phase): void {
  const failed = (phase ? [phase] : PHASES).find((name) => (exitCodes[name] ?? 0) !== 0);
  if (failed) {
    const code = exitCodes[failed]!;
    throw new CliError(`Phase '${failed}' failed with exit code ${code}.`, code > 0 && code < 256 ? code : 1);
  }
  if (state === "cancelled") throw new CliError("The job was cancelled.");
}
