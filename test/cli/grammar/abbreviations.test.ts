import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { type Arguments, isGroup, nodeAt } from "../../../src/cli/grammar/command.ts";
import { PROGRAM_OPTIONS } from "../../../src/cli/grammar/command-line.ts";
import { namedArguments, OptionTable } from "../../../src/cli/grammar/option-table.ts";

const CREDENTIALS = ["--client-id", "--client_id", "--secret-key", "--secret_key"];
const POLL = ["--oneshot", "--start_fragment", "--start_timestamp", "--phase", "--json"];

/** The long options of the reference, by command (command-line sections 2.2 and 10). */
const REFERENCE: Readonly<Record<string, readonly string[]>> = {
  "": ["--configfile", "--debug", "--server"],
  artifacts: ["--filename"],
  cancel: [],
  config: [],
  jobs: ["--status"],
  "list-agents": [
    "--summary",
    "--fields",
    "--filter-status",
    "--filter-name",
    "--filter-queues",
    "--filter-location",
    "--filter-provision-type",
    "--filter-comment",
  ],
  "list-queues": ["--json"],
  login: CREDENTIALS,
  poll: POLL,
  "poll-serial": POLL,
  reserve: ["--dry-run", "--queue", "--image", "--distro", "--key", "--yes", "--timeout", "--ephemeral"],
  status: [],
  "agent-status": ["--json"],
  "queue-status": ["--verbose", "--json"],
  results: [],
  show: ["--yaml"],
  submit: ["--poll", "--quiet", "--wait-for-available-agents", "--attachments-relative-to", ...CREDENTIALS],
  "secret write": ["--expire-after", "--single-use", ...CREDENTIALS],
  "secret delete": CREDENTIALS,
  "admin set agent-status": ["--status", "--agents", "--comment", ...CREDENTIALS],
  "admin set client-permissions": [
    "--testflinger-client-id",
    "--testflinger-client-secret",
    "--max-priority",
    "--max-reservation",
    "--role",
    "--email",
    "--json",
    ...CREDENTIALS,
  ],
  "admin get client-permissions": ["--testflinger-client-id", ...CREDENTIALS],
  "admin delete client-permissions": ["--testflinger-client-id", ...CREDENTIALS],
};

async function argumentsOf(command: string): Promise<Arguments> {
  if (command === "") return PROGRAM_OPTIONS;
  const node = await nodeAt(command.split(" "), COMMANDS);
  if (!node || isGroup(node)) throw new Error(`${command} is no command`);
  return node.args;
}

/** `--f`, `--fi`, … of every option that no other option of the reference begins with. */
function abbreviations(options: readonly string[]): [abbreviation: string, option: string][] {
  const all = [...options, "--help"];
  return options.flatMap((option) =>
    Array.from({ length: option.length - 2 }, (_, i) => option.slice(0, i + 3))
      .filter((prefix) => prefix === option || all.filter((other) => other.startsWith(prefix)).length === 1)
      .map((prefix): [string, string] => [prefix, option]),
  );
}

describe.each(Object.entries(REFERENCE))("the options of %p", (command, options) => {
  test("keep every abbreviation that scripts may use", async () => {
    const args = await argumentsOf(command);
    const table = new OptionTable(args);
    for (const [abbreviation, option] of abbreviations(options)) {
      const wanted = namedArguments(args).find(({ names }) => names.includes(option));
      expect(table.classify(abbreviation), abbreviation).toMatchObject({
        kind: "option",
        option: { key: wanted?.key },
      });
    }
  });
});
