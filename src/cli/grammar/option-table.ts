import type { Argument, Arguments, Flag, Option } from "./command.ts";
import { UsageError } from "../errors.ts";

/** A named argument with all its spellings, for example `-f`, `--start_fragment`. */
export interface NamedArgument {
  readonly key: string;
  readonly names: readonly string[];
  readonly argument: Flag | Option;
}

/** One word of a command line, seen on its own. */
export type Word =
  | { kind: "value" }
  | { kind: "unknown" }
  | { kind: "option"; option: NamedArgument; name: string; attached: string | undefined };

export const HELP: NamedArgument = {
  key: "help",
  names: ["-h", "--help"],
  argument: { type: "boolean", description: "show this help and exit" },
};

const spell = (name: string) => (name.length === 1 ? `-${name}` : `--${name}`);

const isNamed = (argument: Argument): argument is Flag | Option => argument.type !== "positional";

/** The options of a command, `--help` first, each with its short spellings before the long ones. */
export function namedArguments(args: Arguments): NamedArgument[] {
  const declared = Object.entries(args).flatMap(([key, argument]) => {
    if (!isNamed(argument)) return [];
    const names = [key, ...[argument.alias ?? []].flat()].map(spell);
    const short = (name: string) => !name.startsWith("--");
    return [{ key, argument, names: [...names.filter(short), ...names.filter((name) => !short(name))] }];
  });
  return [HELP, ...declared];
}

/** Decides what a word is, by the rules of the reference's option parser (command-line section 2.3). */
export class OptionTable {
  private readonly byName: ReadonlyMap<string, NamedArgument>;
  private readonly hasNumericOption: boolean;

  constructor(args: Arguments) {
    this.byName = new Map(
      namedArguments(args).flatMap((option) => option.names.map((name) => [name, option] as const)),
    );
    this.hasNumericOption = [...this.byName.keys()].some((name) => looksNegative(name));
  }

  get(name: string): NamedArgument | undefined {
    return this.byName.get(name);
  }

  /** @throws UsageError when an abbreviation fits several options. */
  classify(word: string): Word {
    if (!word.startsWith("-") || word.length === 1) return { kind: "value" };
    const candidates = this.candidates(word);
    if (candidates.length > 1) {
      throw new UsageError(`ambiguous option: ${word} could match ${candidates.map(({ name }) => name).join(", ")}`);
    }
    if (candidates[0]) return candidates[0];
    if (looksNegative(word) && !this.hasNumericOption) return { kind: "value" };
    return { kind: word.includes(" ") ? "value" : "unknown" };
  }

  /** What an option-like word can mean: its exact name, or every name it abbreviates. */
  private candidates(word: string): Extract<Word, { kind: "option" }>[] {
    const option = (name: string, attached: string | undefined) => {
      const found = this.byName.get(name);
      return found ? [{ kind: "option" as const, option: found, name, attached }] : [];
    };
    const [head, attached] = splitAtEquals(word);
    const exact = [...option(word, undefined), ...(attached === undefined ? [] : option(head, attached))];
    if (exact.length > 0) return exact.slice(0, 1);
    if (!word.startsWith("--")) return option(word.slice(0, 2), word.slice(2));
    const abbreviated = [...this.byName.keys()]
      .filter((name) => name.startsWith(head))
      .flatMap((name) => option(name, attached));
    const firm = abbreviated.filter(({ option: { argument } }) => !argument.givesWay);
    return firm.length > 0 ? firm : abbreviated;
  }
}

function splitAtEquals(word: string): [head: string, attached: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}

const looksNegative = (word: string) => /^-(\d+|\d*\.\d+)$/.test(word);
