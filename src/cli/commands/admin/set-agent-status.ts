import { PHASES } from "../../../shared/phases.ts";
import { HttpError } from "../../api/errors.ts";
import { printableLine } from "../../api/printable.ts";
import { requireRole } from "../../auth/caller.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { shownOn } from "../../output/device-text.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { exitStatusOption } from "./exit-status.ts";

const STATUSES = ["online", "offline", "maintenance"] as const;
type Status = (typeof STATUSES)[number];

/** An agent in one of these states runs a job. */
const BUSY_STATES: readonly string[] = PHASES;

export default defineCommand({
  meta: { name: "agent-status", description: "Take agents offline or bring them back" },
  details: "An agent that runs a job goes offline when the job has ended.",
  args: {
    status: { type: "string", options: STATUSES, required: true, description: "status to set" },
    agents: {
      type: "string",
      collect: "greedy",
      required: true,
      valueHint: "AGENT",
      completes: "agent",
      description: "agents to change",
    },
    comment: { type: "string", description: "why; needed for offline, others see it" },
    ...exitStatusOption,
    ...credentialOptions,
  },
  examples: [
    'testflinger admin set agent-status --status offline --agents my-agent --comment "fan broken"',
    "testflinger admin set agent-status --status online --agents agent-1 agent-2",
  ],
  run,
});

export interface AgentStatusOptions {
  readonly status: Status;
  readonly agents: readonly string[];
  readonly comment: string | undefined;
  readonly exitStatus: boolean;
}

export async function run(options: AgentStatusOptions, session: Session): Promise<void> {
  const { status, agents, comment, exitStatus } = options;
  const { stdout } = session.context.io;
  if (status === "offline" && !comment) {
    throw new CliError("Comment is required when setting agent status to offline.");
  }
  const { clientId } = requireRole(await session.api.auth.authenticate(), ["admin"]);
  const wanted = wantedState(status, clientId, comment);
  const unchanged: string[] = [];
  for (const agent of agents) {
    const { isDone, text } = await change(agent, wanted, session);
    stdout.write(shownOn(stdout)(`${text}\n`));
    if (!isDone) unchanged.push(agent);
  }
  if (exitStatus && unchanged.length > 0) throw new CliError(`Not changed: ${unchanged.map(printableLine).join(", ")}`);
}

interface WantedState {
  readonly state: string;
  readonly comment: string;
}

/** The comments are data that other tools read (command-line section 10.1). */
function wantedState(status: Status, clientId: string | undefined, comment: string | undefined): WantedState {
  switch (status) {
    case "online":
      return { state: "waiting", comment: "" };
    case "offline":
      return { state: "offline", comment: `Set to offline by ${clientId}. Reason: ${comment}` };
    case "maintenance":
      return { state: "maintenance", comment: `Set to offline by ${clientId} for lab-related task.` };
  }
}

/** What came of it, in one line. */
interface Outcome {
  readonly isDone: boolean;
  readonly text: string;
}

/** An error for one agent does not keep the others from being changed. */
async function change(agent: string, wanted: WantedState, { api }: Session): Promise<Outcome> {
  const done = (text: string): Outcome => ({ isDone: true, text });
  const failed = (text: string): Outcome => ({ isDone: false, text: text.trimEnd() });
  try {
    const { state = "" } = (await api.agents.get(agent)).value;
    const busy = BUSY_STATES.includes(state);
    if (busy && wanted.state === "waiting") return failed(`Could not modify ${agent} in its current state`);
    await api.agents.setState(agent, wanted);
    return busy
      ? done(`Agent ${agent} processing job. Status ${wanted.state} deferred until job completion`)
      : done(`Agent ${agent} status is now: ${wanted.state}`);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.status === 404) return failed(`Agent ${agent} does not exist.`);
    return failed(`Exception raised when setting status for ${agent}: ${error.status} ${error.message}`);
  }
}
