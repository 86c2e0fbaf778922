import { type AgentFilter, matches } from "../../agents/agent-filter.ts";
import { agentSummary } from "../../agents/agent-summary.ts";
import { type Column, COLUMNS, agentTable } from "../../agents/agent-table.ts";
import { statusFilter } from "../../agents/status-filter.ts";
import type { Agent } from "../../api/agents.ts";
import { isRequestFailure } from "../../api/errors.ts";
import { rememberNames } from "../../completion/name-cache.ts";
import { CliError } from "../../errors.ts";
import { defineCommand, type Reader } from "../../grammar/command.ts";
import { invalidChoice } from "../../grammar/parse.ts";
import { regex } from "../../grammar/regex.ts";
import { ValueError } from "../../grammar/values.ts";
import { shownOn } from "../../output/device-text.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";

const FIELDS = Object.keys(COLUMNS);
const isColumn = (text: string): text is Column => FIELDS.includes(text);

const columns: Reader<Column[]> = (text) =>
  text.split(",").map((item) => {
    const field = item.trim();
    if (!isColumn(field)) throw new ValueError(invalidChoice(field, FIELDS));
    return field;
  });

const pattern = (field: string) =>
  ({ type: "string", read: regex, valueHint: "REGEX", description: `only agents whose ${field} matches` }) as const;

export default defineCommand({
  meta: { name: "list-agents", description: "List the agents of the server" },
  details: "Filters are combined: an agent must pass them all.",
  args: {
    "1": { type: "boolean", description: "print names only, one per line" },
    summary: { type: "boolean", description: "count the agents by state" },
    fields: {
      type: "string",
      read: columns,
      valueHint: "LIST",
      description: `columns of the table, separated by commas: ${FIELDS.join(", ")}`,
    },
    ...outputOptions,
    "filter-status": {
      type: "string",
      read: statusFilter,
      valueHint: "LIST",
      description: "only agents in these states, separated by commas; online and offline stand for many, ^ excludes",
    },
    "filter-name": pattern("name"),
    "filter-queues": { ...pattern("queues"), description: "only agents that serve a queue whose name matches" },
    "filter-location": pattern("location"),
    "filter-provision-type": pattern("provision type"),
    "filter-comment": pattern("comment"),
  },
  exclusive: [["1", "summary", "fields", "json", "output"]],
  fields: {
    name: "name of the agent",
    state: "waiting, a phase, offline, maintenance ...",
    queues: "list of the queues that it serves",
    job_id: "job that it works on",
    location: "where the device is",
    provision_type: "how the device is installed",
    comment: "why it is offline",
    "...": "and whatever else the server tells",
  },
  examples: [
    "testflinger list-agents",
    "testflinger list-agents --filter-status online,^waiting     # agents at work",
    "testflinger list-agents -1 --filter-queues '^arm'           # names, for scripts",
    "testflinger list-agents --fields name,status,queues",
  ],
  run,
});

export interface ListAgentsOptions extends OutputChoice {
  readonly "1": boolean;
  readonly summary: boolean;
  readonly fields: readonly Column[] | undefined;
  readonly filterStatus: ReadonlySet<string> | undefined;
  readonly filterName: RegExp | undefined;
  readonly filterQueues: RegExp | undefined;
  readonly filterLocation: RegExp | undefined;
  readonly filterProvisionType: RegExp | undefined;
  readonly filterComment: RegExp | undefined;
}

const DEFAULT_COLUMNS: readonly Column[] = ["name", "status", "location", "provision_type", "comment"];

export async function run(options: ListAgentsOptions, session: Session): Promise<void> {
  const { context, api } = session;
  const { stdout } = context.io;
  const { value: all, json } = await allAgents(api);
  await rememberNames(namesOf(all), session);
  const filter = filterOf(options);
  const agents = all.filter((agent) => matches(agent, filter));
  // Scripts have always got bold headings, also through pipes; NO_COLOR is how to ask for none.
  const layout = { forPerson: stdout.isTTY, bold: stdout.isTTY ? stdout.colour : !context.env.NO_COLOR };
  if (options["1"]) return stdout.write(shownOn(stdout)(agents.map(({ name }) => `${name ?? "-"}\n`).join("")));
  if (options.summary) return stdout.write(agentSummary(agents, layout));
  const value = (json as unknown[]).filter((_, index) => matches(all[index]!, filter));
  const table = () =>
    agents.length === 0
      ? "No agents found matching the filter criteria.\n"
      : agentTable(agents, options.fields ?? DEFAULT_COLUMNS, layout);
  await printData(chosenFormat(options) ?? "table", { value, layout: { indent: 4 }, table }, stdout);
}

const namesOf = (agents: readonly Agent[]) => ({
  agents: agents.map(({ name = "" }) => name),
  served: agents.flatMap(({ queues }) => (Array.isArray(queues) ? queues : [])),
});

const filterOf = (options: ListAgentsOptions): AgentFilter => ({
  states: options.filterStatus,
  queues: options.filterQueues,
  fields: {
    name: options.filterName,
    location: options.filterLocation,
    provision_type: options.filterProvisionType,
    comment: options.filterComment,
  },
});

async function allAgents(api: Session["api"]) {
  try {
    return await api.agents.list();
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    throw new CliError(`Error retrieving agents: ${error.message}`, 1, { cause: error });
  }
}
