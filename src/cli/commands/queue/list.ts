import { HttpError, UnexpectedAnswer } from "../../api/errors.ts";
import { rememberNames } from "../../completion/name-cache.ts";
import { byCodePoint } from "../../format/code-points.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { shownOn } from "../../output/device-text.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "list-queues", description: "List the advertised queues" },
  details: "Shows the queues that agents advertise with a description. Others may exist; ask who runs your lab.",
  args: outputOptions,
  exclusive: [["json", "output"]],
  fields: { NAME: "description of the queue with this name" },
  examples: ["testflinger list-queues", "testflinger list-queues --json | jq -r 'keys[]'"],
  run,
});

export async function run(choice: OutputChoice, session: Session): Promise<void> {
  const { stdout } = session.context.io;
  const queues = await advertisedQueues(session);
  const table = () => shownOn(stdout)(listing(queues));
  await printData(chosenFormat(choice) ?? "table", { value: queues, layout: {}, table }, stdout);
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
