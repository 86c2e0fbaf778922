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

/** Something to put where the cursor is. */
export interface Offer {
  readonly text: string;
  readonly description?: string;
}

/** What may stand at the cursor. */
export interface Expected {
  readonly words: readonly Offer[];
  readonly options: readonly NamedArgument[];
  /** Where further words come from that the grammar does not know. */
  readonly from?: Completion | undefined;
}

/** Values of the program's own options, by key. */
export type ProgramValues = Readonly<Record<string, string>>;

type Commands = Readonly<Record<string, Entry>>;

const NOTHING: Expected = { words: [], options: [] };

/** Finds out what may follow after some finished words (command-line section 12). */
export async function expectedAfter(
  words: readonly string[],
  commands: Commands,
): Promise<Expected & { readonly program: ProgramValues }> {
  const { rest, expected, values } = walk(words, PROGRAM_OPTIONS, { stopAtPositional: true });
  const inside = rest
    ? await below(rest, commands)
    : { ...expected, words: [...expected.words, ...namesIn(expected, commands)] };
  return { ...inside, program: values };
}

export const commandNames = (commands: Commands): Offer[] =>
  Object.entries(commands).map(([text, { summary }]) => ({ text, description: summary }));

const namesIn = ({ options }: Expected, commands: Commands) => (options.length > 0 ? commandNames(commands) : []);

async function below([name, ...rest]: readonly string[], commands: Commands): Promise<Expected> {
  const entry = Object.hasOwn(commands, name!) ? commands[name!]! : undefined;
  const node: Command | Group | undefined = (await entry?.load())?.default;
  if (!node) return NOTHING;
  if (!isGroup(node)) return walk(rest, node.args, {}).expected;
  const inner = walk(rest, {}, { stopAtPositional: true });
  if (inner.rest) return below(inner.rest, node.subCommands);
  return { ...inner.expected, words: commandNames(node.subCommands) };
}

interface Walked {
  readonly expected: Expected;
  readonly values: ProgramValues;
  /** With `stopAtPositional`: the words from the first positional on. */
  readonly rest?: readonly string[];
}

/** Reads finished words leniently: whatever is wrong with them, the shell should still offer something. */
function walk(words: readonly string[], args: Arguments, { stopAtPositional = false }): Walked {
  const table = new OptionTable(args);
  const positionals = Object.values(args).filter((argument) => argument.type === "positional");
  const used = new Set<string>();
  const values: Record<string, string> = {};
  let optionsEnded = false;
  /** An option that takes as many words as there are. */
  let greedy: Argument | undefined;
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const seen = optionsEnded ? ({ kind: "value" } as const) : classify(table, word);
    if (word === "--" && !optionsEnded) optionsEnded = true;
    else if (seen.kind === "value" && !greedy) {
      if (stopAtPositional) return { rest: words.slice(i), expected: NOTHING, values };
      if (!positionals[0]?.collect) positionals.shift();
    } else if (seen.kind === "option") {
      const { key, argument } = seen.option;
      used.add(key);
      greedy = undefined;
      if (argument.type === "boolean") continue;
      values[key] = seen.attached ?? words[i + 1] ?? "";
      if (seen.attached !== undefined) continue;
      if (i === words.length - 1) return { expected: valueOf(argument), values };
      if (argument.collect === "greedy") greedy = argument;
      i++;
    }
  }
  const options = optionsEnded
    ? []
    : namedArguments(args).filter((option) => !used.has(option.key) || collects(option));
  const next = greedy ?? positionals[0];
  return { expected: { ...(next ? valueOf(next) : NOTHING), options }, values };
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
  return choices
    ? { words: choices.map((text) => ({ text })), options: [] }
    : { words: [], options: [], from: argument.completes ?? "file" };
}
