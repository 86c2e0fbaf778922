import { HttpError, isRequestFailure } from "../../api/errors.ts";
import { CliError } from "../../errors.ts";
import { stringify } from "../../format/python-json.ts";
import type { JsonObject } from "../../format/json-value.ts";
import { defineCommand } from "../../grammar/command.ts";
import { shownOn } from "../../output/device-text.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "agent-status", description: "Show the state of an agent" },
  args: {
    json: { type: "boolean", description: "print everything that is known of the agent, as JSON" },
    agent_name: { type: "positional", description: "agent to look at" },
  },
  examples: ["testflinger agent-status my-agent", "testflinger agent-status --json my-agent | jq .queues"],
  run,
});

export interface AgentStatusOptions {
  readonly agentName: string;
  readonly json: boolean;
}

export async function run({ agentName, json }: AgentStatusOptions, { context, api }: Session): Promise<void> {
  const { stdout } = context.io;
  const agent = await find(agentName, api);
  if (json) return stdout.write(`${stringify(renamed(agent.json as JsonObject), { sortKeys: true })}\n`);
  stdout.write(`${shownOn(stdout)(agent.value.state ?? "unknown")}\n`);
}

async function find(name: string, api: Session["api"]) {
  try {
    return await api.agents.get(name);
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) throw new CliError(`Agent '${name}' does not exist.`);
    if (!isRequestFailure(error)) throw error;
    throw new CliError(`Unable to retrieve agent status from the server: ${error.message}`);
  }
}

/** The names that scripts know: `agent` for `name`, `status` for `state` (command-line section 10.7). */
function renamed(agent: JsonObject): JsonObject {
  const names = new Map([
    ["name", "agent"],
    ["state", "status"],
  ]);
  return new Map([...agent].map(([key, value]) => [names.get(key) ?? key, value]));
}
