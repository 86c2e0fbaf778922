import {
  type Argument,
  type Arguments,
  type Command,
  type Completion,
  type Entry,
  type Group,
  isGroup,
} from "../grammar/command.ts";
import { PROGRAM_OPTIONS } from "../grammar/command-line.ts";
import { type NamedArgument, namedArguments, OptionTable, type Word } from "../grammar/option-table.ts";

/** What may stand at the cursor. */
export interface Expected {
  readonly words: readonly string[];
  readonly options: readonly NamedArgument[];
  readonly from?: Completion | undefined;
}

const NOTHING: Expected = { words: [], options: [] };

/** Finds out what may follow after some finished words (command-line section 12). */
export async function expectedAfter(
  words: readonly string[],
  commands: Readonly<Record<string, Entry>>,
): Promise<Expected> {
  const { rest, expected } = walk(words, PROGRAM_OPTIONS, { stopAtPositional: true });
  return rest ? below(rest, commands) : { ...expected, words: [...expected.words, ...namesIn(expected, commands)] };
}

const namesIn = ({ options }: Expected, commands: Readonly<Record<string, Entry>>) =>
  options.length > 0 ? Object.keys(commands) : [];

async function below([name, ...rest]: readonly string[], commands: Readonly<Record<string, Entry>>): Promise<Expected> {
  const entry = Object.hasOwn(commands, name!) ? commands[name!]! : undefined;
  const node: Command | Group | undefined = (await entry?.load())?.default;
  if (!node) return NOTHING;
  if (!isGroup(node)) return walk(rest, node.args, {}).expected;
  const inner = walk(rest, {}, { stopAtPositional: true });
  if (inner.rest) return below(inner.rest, node.subCommands);
  return { ...inner.expected, words: Object.keys(node.subCommands) };
}

/** Reads finished words leniently: whatever is wrong with them, the shell should still offer something. */
function walk(words: readonly string[], args: Arguments, { stopAtPositional = false }) {
  const table = new OptionTable(args);
  const positionals = Object.values(args).filter(({ type }) => type === "positional");
  const used = new Set<string>();
  let optionsEnded = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const seen = optionsEnded ? ({ kind: "value" } as const) : classify(table, word);
    if (word === "--" && !optionsEnded) optionsEnded = true;
    else if (seen.kind === "value") {
      if (stopAtPositional) return { rest: words.slice(i), expected: NOTHING };
      positionals.shift();
    } else if (seen.kind === "option") {
      used.add(seen.option.key);
      if (seen.option.argument.type === "boolean" || seen.attached !== undefined) continue;
      if (i === words.length - 1) return { expected: valueOf(seen.option.argument) };
      i++;
    }
  }
  const options = optionsEnded
    ? []
    : namedArguments(args).filter((option) => !used.has(option.key) || collects(option));
  const [next] = positionals;
  return { expected: { ...(next ? valueOf(next) : NOTHING), options } };
}

function classify(table: OptionTable, word: string): Word {
  try {
    return table.classify(word);
  } catch {
    return { kind: "unknown" };
  }
}

const collects = ({ argument }: NamedArgument) => "collect" in argument && argument.collect !== undefined;

/** Files by default, as shells do. */
function valueOf(argument: Argument): Expected {
  const choices = "options" in argument ? argument.options : undefined;
  return choices ? { words: choices, options: [] } : { words: [], options: [], from: argument.completes ?? "file" };
}
