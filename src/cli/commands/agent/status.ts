import { HttpError, isRequestFailure } from "../../api/errors.ts";
import { CliError } from "../../errors.ts";
import type { JsonObject } from "../../format/json-value.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { shownOn } from "../../output/device-text.ts";
import { fieldList } from "../../output/table.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "agent-status", description: "Show the state of an agent" },
  details: "Prints one word, or with --json or --output everything that is known of the agent.",
  args: {
    ...outputOptions,
    agent_name: { type: "positional", completes: "agent", description: "agent to look at" },
  },
  exclusive: [["json", "output"]],
  fields: {
    agent: "name of the agent",
    status: "waiting, a phase, offline, maintenance ...",
    queues: "list of the queues that it serves",
    job_id: "job that it works on",
    location: "where the device is",
    provision_type: "how the device is installed",
    comment: "why it is offline",
    "...": "and whatever else the server tells",
  },
  examples: ["testflinger agent-status my-agent", "testflinger agent-status --json my-agent | jq .queues"],
  run,
});

export type AgentStatusOptions = OutputChoice & { readonly agentName: string };

export async function run({ agentName, ...choice }: AgentStatusOptions, { context, api }: Session): Promise<void> {
  const { stdout } = context.io;
  const agent = await find(agentName, api);
  const format = chosenFormat(choice);
  if (!format) return stdout.write(`${shownOn(stdout)(agent.value.state ?? "unknown")}\n`);
  const value = renamed(agent.json as JsonObject);
  await printData(format, { value, layout: { sortKeys: true }, table: () => fieldList([...value], stdout) }, stdout);
}

async function find(name: string, api: Session["api"]) {
  try {
    return await api.agents.get(name);
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) throw new CliError(`Agent '${name}' does not exist.`);
    if (!isRequestFailure(error)) throw error;
    throw new CliError(`Unable to retrieve agent status from the server: ${error.message}`, 1, { cause: error });
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
