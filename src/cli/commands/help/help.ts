import { UsageError } from "../../errors.ts";
import { type Command, defineCommand, type Entry, type Group, isGroup } from "../../grammar/command.ts";
import { helpPage, renderHelp } from "../../grammar/help.ts";
import { invalidChoice } from "../../grammar/parse.ts";
import { styleOf } from "../../output/style.ts";
import type { Session } from "../../session.ts";
import { COMMANDS } from "../index.ts";
import { TOPICS } from "./topics.ts";

export default defineCommand({
  meta: { name: "help", description: "Explain a command or a topic" },
  details: `Topics: ${Object.entries(TOPICS)
    .map(([name, { summary }]) => `${name} (${summary})`)
    .join(", ")}.`,
  args: {
    topic: {
      type: "positional",
      required: false,
      collect: "each",
      completes: "help-topic",
      description: "words of a command, or a topic; without one the program itself is explained",
    },
  },
  needsServer: false,
  examples: ["testflinger help submit", "testflinger help admin set agent-status", "testflinger help job-file"],
  run,
});

export async function run({ topic: words }: { topic: readonly string[] }, session: Session): Promise<void> {
  const { context, program } = session;
  const { stdout } = context.io;
  const topic = words.length === 1 && Object.hasOwn(TOPICS, words[0]!) ? TOPICS[words[0]!] : undefined;
  if (topic) {
    const title = styleOf(stdout).bold(`${program}: ${topic.summary}`);
    return stdout.write(`${title}\n\n${topic.text.replaceAll(/\btestflinger (?=[a-z])/g, `${program} `)}`);
  }
  stdout.write(renderHelp(helpPage(program, words, await commandAt(words), COMMANDS), stdout));
}

/** @throws UsageError naming what can be explained */
async function commandAt(words: readonly string[]): Promise<Command | Group | undefined> {
  let node: Command | Group | undefined;
  for (const [depth, word] of words.entries()) {
    const entries: Readonly<Record<string, Entry>> = node ? (isGroup(node) ? node.subCommands : {}) : COMMANDS;
    if (!Object.hasOwn(entries, word)) {
      const choices = [...Object.keys(entries), ...(depth === 0 ? Object.keys(TOPICS) : [])];
      const path = words.slice(0, depth).join(" ");
      const problem = choices.length === 0 ? `'${path}' has no sub-command '${word}'` : invalidChoice(word, choices);
      throw new UsageError(`argument topic: ${problem}`, ["help"]);
    }
    node = (await entries[word]!.load()).default;
  }
  return node;
}
