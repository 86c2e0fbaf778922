import { HttpError, UnexpectedAnswer } from "../../api/errors.ts";
import { rememberNames } from "../../completion/name-cache.ts";
import { byCodePoint } from "../../format/code-points.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { shownOn } from "../../output/device-text.ts";
import { textTable } from "../../output/table.ts";
import { clockText } from "../../poll/status.ts";
import type { Session } from "../../session.ts";
import { everyQueue, KNOWN_QUEUE_FIELDS } from "./every-queue.ts";

export default defineCommand({
  meta: { name: "list-queues", description: "List the advertised queues" },
  details: "Shows the queues that agents advertise with a description; with --all also those without one.",
  args: {
    all: { type: "boolean", description: "show every queue that is advertised or served, and by how many agents" },
    ...outputOptions,
  },
  exclusive: [["json", "output"]],
  fields: { NAME: "description of the queue with this name", ...KNOWN_QUEUE_FIELDS },
  examples: [
    "testflinger list-queues",
    "testflinger list-queues --all",
    "testflinger list-queues --json | jq -r 'keys[]'",
    "testflinger list-queues --all --json | jq -r '.[] | select(.available > 0).queue'",
  ],
  run,
});

export type ListQueuesOptions = OutputChoice & { readonly all: boolean };

export async function run({ all, ...choice }: ListQueuesOptions, session: Session): Promise<void> {
  if (all) return printEvery(choice, session);
  const { stdout } = session.context.io;
  const queues = await advertisedQueues(session);
  const table = () => shownOn(stdout)(listing(queues));
  await printData(chosenFormat(choice) ?? "table", { value: queues, layout: {}, table }, stdout);
}

async function printEvery(choice: OutputChoice, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  const value = await everyQueue(session);
  await rememberNames(
    {
      advertised: value.filter(({ description }) => description !== null).map(({ queue }) => queue),
      served: value.filter(({ agents }) => agents.length > 0).map(({ queue }) => queue),
    },
    session,
  );
  const table = () =>
    textTable(
      ["QUEUE", "AGENTS", "AVAILABLE", "MEDIAN WAIT", "DESCRIPTION"],
      value.map(({ queue, agents, available, median_wait: wait, description }) => [
        queue,
        agents.length,
        available,
        wait === null ? null : clockText(Math.round(wait), { hours: true }),
        description,
      ]),
      stdout,
    );
  await printData(chosenFormat(choice) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
}

function listing(queues: ReadonlyMap<string, string>): string {
  const rows = [...queues].sort(([a], [b]) => byCodePoint(a, b)).map(([name, text]) => ` ${name} - ${text}\n`);
  return ["Advertised queues on this server:\n", ...rows].join("");
}

/** Name to description, in the server's order; none when the server cannot tell (command-line section 10.8). */
export async function advertisedQueues(session: Session): Promise<Map<string, string>> {
  const { api, log } = session;
  log.warning("queues", "This only shows a curated list of queues with descriptions");
  try {
    const queues = (await api.agents.queues()).json as Map<string, string>;
    await rememberNames({ advertised: [...queues.keys()] }, session);
    return queues;
  } catch (error) {
    if (!(error instanceof HttpError) && !(error instanceof UnexpectedAnswer)) throw error;
    log.error("queues", `Unable to get a list of queues from the server: ${error.message}`);
    return new Map();
  }
}
