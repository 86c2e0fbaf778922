import { UsageError } from "../errors.ts";
import type { Argument, Arguments, Positional } from "./command.ts";
import { HELP, type NamedArgument, namedArguments, OptionTable } from "./option-table.ts";
import { ValueError } from "./values.ts";

/** The words of a command line, read against a declaration. */
export interface ParsedWords {
  /** Values by camel-cased key, defaults filled in. */
  readonly options: Record<string, unknown>;
  /** Keys that were given on the command line. */
  readonly given: ReadonlySet<string>;
  /** Words that fit nothing, in their order. */
  readonly unrecognised: readonly string[];
  /** Set when `--help` was met; nothing behind it has been looked at. */
  readonly help: boolean;
  /** With `stopAtPositional`: the words from the first positional on. */
  readonly rest: readonly string[];
}

export interface Grammar {
  readonly args: Arguments;
  readonly exclusive?: readonly (readonly string[])[];
  /** End at the first word that is no option: how the program finds its command. */
  readonly stopAtPositional?: boolean;
}

/**
 * Reads `words` strictly (command-line section 2.3): options and positionals in any order, unique prefixes, clusters,
 * `--` for the end of options. Unknown options are returned, not refused, since the reference reports them last.
 * @throws UsageError for everything that is wrong with a known argument, and for missing ones.
 */
export function parse(grammar: Grammar, words: readonly string[]): ParsedWords {
  return new Parser(grammar, words).run();
}

class Parser {
  private readonly table: OptionTable;
  private readonly positionals: [key: string, argument: Positional][];
  private readonly options: Record<string, unknown> = {};
  private readonly given = new Set<string>();
  private readonly unrecognised: string[] = [];
  private position = 0;
  private optionsEnded = false;

  constructor(
    private readonly grammar: Grammar,
    private readonly words: readonly string[],
  ) {
    this.table = new OptionTable(grammar.args);
    this.positionals = Object.entries(grammar.args).filter(isPositional);
    for (const [key, argument] of Object.entries(grammar.args)) this.options[camelCase(key)] = defaultOf(argument);
  }

  run(): ParsedWords {
    let help = false;
    let rest: readonly string[] = [];
    while (this.position < this.words.length) {
      const word = this.words[this.position]!;
      if (!this.optionsEnded && word === "--") {
        this.optionsEnded = true;
        this.position++;
        continue;
      }
      const seen = this.optionsEnded ? ({ kind: "value" } as const) : this.table.classify(word);
      if (seen.kind === "value" && this.grammar.stopAtPositional) {
        rest = this.words.slice(this.position);
        break;
      }
      this.position++;
      if (seen.kind === "value") this.takePositional(word);
      else if (seen.kind === "unknown") this.unrecognised.push(word);
      else if (this.takeOption(seen.option, seen.name, seen.attached)) {
        help = true;
        break;
      }
    }
    if (!help) this.requireAll();
    return { options: this.options, given: this.given, unrecognised: this.unrecognised, help, rest };
  }

  private takePositional(word: string) {
    const [next] = this.positionals;
    if (!next) {
      this.unrecognised.push(word);
      return;
    }
    const [key, argument] = next;
    const value = read(key, argument, word);
    if (argument.collect) this.append(key, [value]);
    else {
      this.positionals.shift();
      this.store(key, value);
    }
  }

  /** @returns true when the option, or one clustered behind it, asks for help. */
  private takeOption(option: NamedArgument, name: string, attached: string | undefined): boolean {
    const label = labelOf(option);
    if (option.argument.type !== "boolean") {
      this.exclude(option);
      this.storeOption(option, attached === undefined ? this.takeValues(option) : [attached]);
      return false;
    }
    const clustered = attached !== undefined && !name.startsWith("--");
    const next = clustered ? this.table.get(`-${attached[0]}`) : undefined;
    if (attached !== undefined && !next)
      throw new UsageError(`argument ${label}: ignored explicit argument '${attached}'`);
    if (option.key === HELP.key) return true;
    this.exclude(option);
    this.store(option.key, true);
    return next ? this.takeOption(next, `-${attached![0]}`, attached!.slice(1) || undefined) : false;
  }

  private takeValues(option: NamedArgument): string[] {
    const greedy = "collect" in option.argument && option.argument.collect === "greedy";
    const values: string[] = [];
    while (this.position < this.words.length && (greedy || values.length === 0)) {
      const word = this.words[this.position]!;
      if (!this.optionsEnded && word === "--") this.optionsEnded = true;
      else if (this.optionsEnded || this.table.classify(word).kind === "value") values.push(word);
      else break;
      this.position++;
    }
    if (values.length > 0) return values;
    throw new UsageError(`argument ${labelOf(option)}: expected ${greedy ? "at least one argument" : "one argument"}`);
  }

  private storeOption(option: NamedArgument, words: readonly string[]) {
    const { key, argument } = option;
    const values = words.map((word) => read(labelOf(option), argument, word));
    if ("collect" in argument && argument.collect) this.append(key, values);
    else this.store(key, values[0]);
  }

  private append(key: string, values: readonly unknown[]) {
    const before = this.given.has(key) ? (this.options[camelCase(key)] as unknown[]) : [];
    this.store(key, [...before, ...values]);
  }

  private store(key: string, value: unknown) {
    this.given.add(key);
    this.options[camelCase(key)] = value;
  }

  private exclude(option: NamedArgument) {
    const rivals = (this.grammar.exclusive ?? []).filter((group) => group.includes(option.key)).flat();
    const rival = rivals.find((key) => key !== option.key && this.given.has(key));
    if (rival === undefined) return;
    const other = namedArguments(this.grammar.args).find(({ key }) => key === rival)!;
    throw new UsageError(`argument ${labelOf(option)}: not allowed with argument ${labelOf(other)}`);
  }

  private requireAll() {
    const missing = Object.entries(this.grammar.args)
      .filter(([key, argument]) => isRequired(argument) && !this.given.has(key))
      .map(([key, argument]) => (argument.type === "positional" ? key : labelOf(namedOf(this.table, key))));
    if (missing.length > 0) throw new UsageError(`the following arguments are required: ${missing.join(", ")}`);
  }
}

export const labelOf = ({ names }: NamedArgument): string => names.join("/");

export const isRequired = (argument: Argument): boolean =>
  argument.type === "positional" ? argument.required !== false : "required" in argument && argument.required === true;

export const camelCase = (key: string): string => key.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());

const isPositional = (entry: [string, Argument]): entry is [string, Positional] => entry[1].type === "positional";

const namedOf = (table: OptionTable, key: string): NamedArgument =>
  table.get(key.length === 1 ? `-${key}` : `--${key}`)!;

function defaultOf(argument: Argument): unknown {
  if (argument.type === "boolean") return false;
  if (argument.type === "positional") return argument.collect ? [] : undefined;
  return argument.default ?? (argument.collect ? [] : undefined);
}

function read(label: string, argument: Argument, word: string): unknown {
  if (argument.type === "boolean") return true;
  if (argument.options && !argument.options.includes(word)) {
    throw new UsageError(`argument ${label}: ${invalidChoice(word, argument.options)}`);
  }
  try {
    return argument.read ? argument.read(word) : word;
  } catch (error) {
    if (error instanceof ValueError) throw new UsageError(`argument ${label}: ${error.message}`);
    throw error;
  }
}

/** The reference's words for a text that is none of the allowed ones. */
export const invalidChoice = (word: string, choices: readonly string[]): string =>
  `invalid choice: '${word}' (choose from ${choices.map((choice) => `'${choice}'`).join(", ")})`;
