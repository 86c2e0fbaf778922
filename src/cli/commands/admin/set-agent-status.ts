import { PHASES } from "../../../shared/phases.ts";
import { HttpError } from "../../api/errors.ts";
import { requireRole } from "../../auth/caller.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { shownOn } from "../../output/device-text.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";

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
}

export async function run({ status, agents, comment }: AgentStatusOptions, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  if (status === "offline" && !comment) {
    throw new CliError("Comment is required when setting agent status to offline.");
  }
  const { clientId } = requireRole(await session.api.auth.authenticate(), ["admin"]);
  const wanted = wantedState(status, clientId, comment);
  for (const agent of agents) stdout.write(shownOn(stdout)(`${await change(agent, wanted, session)}\n`));
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

/** @returns what came of it, in one line; an error for one agent does not keep the others from being changed */
async function change(agent: string, wanted: WantedState, { api }: Session): Promise<string> {
  try {
    const { state = "" } = (await api.agents.get(agent)).value;
    const busy = BUSY_STATES.includes(state);
    if (busy && wanted.state === "waiting") return `Could not modify ${agent} in its current state`;
    await api.agents.setState(agent, wanted);
    return busy
      ? `Agent ${agent} processing job. Status ${wanted.state} deferred until job completion`
      : `Agent ${agent} status is now: ${wanted.state}`;
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    if (error.status === 404) return `Agent ${agent} does not exist.`;
    return `Exception raised when setting status for ${agent}: ${error.status} ${error.message}`.trimEnd();
  }
}
