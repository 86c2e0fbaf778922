import type { Agent } from "../api/agents.ts";
import { HttpError } from "../api/errors.ts";
import { printableLine } from "../api/printable.ts";
import { CliError, StdoutError } from "../errors.ts";
import type { Routing } from "../job-file/check.ts";
import type { Session } from "../session.ts";

export interface Patience {
  /** Submit although nobody can run the job now. */
  readonly waits: boolean;
  /** Is stdout reserved for the id of the job (W18)? */
  readonly quiet: boolean;
  /** Is stdout reserved for data? Then the refusal is no result either, as it is for scripts of the reference. */
  readonly forProgram: boolean;
}

/**
 * Makes sure that an agent can run the job some time (command-line section 7.3).
 *
 * @throws {CliError} when the queue does not exist
 * @throws {StdoutError} when none of its agents is online, unless the caller is patient; for programs a plain {CliError}
 */
export async function requireAgents(
  { queue, excludedAgents }: Routing,
  { waits, quiet, forProgram }: Patience,
  session: Session,
): Promise<void> {
  const online = (await agentsOf(queue, session)).filter(({ state }) => state !== "offline");
  const excluded = online.filter(({ name }) => excludedAgents.some((other) => other === name));
  if (online.length > excluded.length) return;
  if (!waits) throw new (forProgram ? CliError : StdoutError)(refusal(queue, excluded));
  const { stdout, stderr } = session.context.io;
  (quiet || forProgram ? stderr : stdout).write(
    `WARNING: No online agents available for queue ${queue}.  Waiting for agents to become available...\n`,
  );
}

async function agentsOf(queue: string, { api, log }: Session): Promise<Agent[]> {
  try {
    return await api.queues.agents(queue);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.status === 404) throw new CliError(error.message);
    if (error.status !== 204) {
      log.warning("submit", `Cannot tell which agents of the queue are online: [${error.status}] ${error.message}`);
    }
    return [];
  }
}

function refusal(queue: string, excluded: readonly Agent[]): string {
  const message =
    `ERROR: No online agents available for queue ${queue}. ` +
    "If you want to wait for agents to become available, use the --wait-for-available-agents option.";
  if (excluded.length === 0) return message;
  return [
    message,
    "Additionally, the following agents ARE online, but they have been excluded from running this job " +
      "in the job definition file:",
    ...excluded.map(({ name }) => `\t- ${printableLine(name ?? "")}`),
  ].join("\n");
}
