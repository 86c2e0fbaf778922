import { LoggedError } from "../../errors.ts";
import type { Session } from "../../session.ts";

/** Scripts rely on the status 0 of failed administration (command-line section 10.1); others would rather know (W34). */
export const exitStatusOption = {
  "exit-status": { type: "boolean", givesWay: true, description: "end with 1 when something could not be done" },
} as const;

/**
 * Logs why something could not be done.
 * @throws LoggedError in place of logging, when the exit status is to tell
 */
export function logFailure(message: string, { exitStatus }: { exitStatus: boolean }, { log }: Session): void {
  if (exitStatus) throw new LoggedError("admin", message);
  log.error("admin", message);
}
