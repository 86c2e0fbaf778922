/**
 * How a command is declared: citty's shape (`meta`, `args`, `run`, `subCommands`), with what citty's argument types lack.
 * Only citty's types are used: its parser accepts unknown options and ends every error with status 1 and usage on stdout,
 * its `defineCommand` gives back what it gets, and loading it takes a tenth of the time of `--help`.
 *
 * ```ts
 * export default defineCommand({
 *   meta: { name: "status", description: "Show the state of a job" },
 *   args: {
 *     job_id: { type: "positional", description: "job to look at", completes: "job" },
 *     wait: { type: "string", alias: "w", read: integer, default: 0, description: "seconds to wait" },
 *   },
 *   examples: ["testflinger status 2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11"],
 *   run,
 * });
 *
 * export async function run(options: { jobId: string; wait: number }, session: Session): Promise<void> { … }
 * ```
 *
 * Options reach `run` under the camel-cased name of their key: `job_id` as `jobId`, `client-id` as `clientId`. A key
 * of one character is a short option (`"1"` is `-1`); aliases of one character are short, longer ones long. Option
 * names are taken literally: `start_fragment` is `--start_fragment`, never `--start-fragment`.
 */
import type { CommandDef } from "citty";
import type { Session } from "../session.ts";

/** Turns the text of an argument into its value; throws `ValueError` when it cannot. */
export type Reader<T> = (text: string) => T;

/** What shells may offer for a value. */
export type Completion = "job" | "job-file" | "directory" | "file" | "queue" | "agent" | "help-topic";

interface Described {
  readonly description: string;
  /** Name of the value in help; the key in upper case by default. */
  readonly valueHint?: string;
  readonly completes?: Completion;
}

interface Named {
  readonly alias?: string | readonly string[];
  /** An abbreviation that fits another option too means that one: the reference knows only the other. */
  readonly givesWay?: boolean;
}

export interface Flag extends Described, Named {
  readonly type: "boolean";
}

export interface Option extends Described, Named {
  readonly type: "string" | "enum";
  readonly read?: Reader<unknown>;
  /** The only texts that are accepted. */
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly default?: unknown;
  /** `each`: every occurrence adds one value; `greedy`: every occurrence takes one or more words. Otherwise the last one wins. */
  readonly collect?: "each" | "greedy";
}

export interface Positional extends Described {
  readonly type: "positional";
  readonly read?: Reader<unknown>;
  readonly options?: readonly string[];
  /** True unless said otherwise. */
  readonly required?: boolean;
  /** `each`: takes all the words that are left for it, as a list. Only the last positional can. */
  readonly collect?: "each";
}

export type Argument = Flag | Option | Positional;
export type Arguments = Readonly<Record<string, Argument>>;

type Value<A> = A extends { read: Reader<infer T> } ? T : A extends { options: readonly (infer O)[] } ? O : string;
type Parsed<A> = A extends { type: "boolean" }
  ? boolean
  : A extends { collect: string }
    ? Value<A>[]
    : A extends { required: true } | { default: {} }
      ? Value<A>
      : A extends { type: "positional" }
        ? A extends { required: false }
          ? Value<A> | undefined
          : Value<A>
        : Value<A> | undefined;
type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}` | `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** What `run` gets for a set of declared arguments. */
export type Options<A extends Arguments> = { -readonly [K in keyof A & string as CamelCase<K>]: Parsed<A[K]> };

export interface Meta {
  readonly name: string;
  /** One line, imperative, without a full stop. */
  readonly description: string;
}

interface Teaching {
  /** Paragraphs shown between usage and options. */
  readonly details?: string;
  /** What `--json` and `--output yaml` print: field to meaning. Fields may be added, but neither renamed nor removed. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Whole command lines, shown at the end of the help; a comment may follow after two blanks and `#`. */
  readonly examples?: readonly string[];
}

export interface Declaration<A extends Arguments> extends Teaching {
  readonly meta: Meta;
  readonly args?: A;
  /** Groups of keys of which at most one may be given. */
  readonly exclusive?: readonly (readonly (keyof A & string)[])[];
  /** False for commands that never talk to a server, so that a bad server setting does not stop them. */
  readonly needsServer?: boolean;
  run(options: Options<A>, session: Session): Promise<void>;
}

/** A command that only holds others. */
export interface Group extends Teaching {
  readonly meta: Meta;
  readonly subCommands: Readonly<Record<string, Entry>>;
}

/** A sub-command that is loaded when it is named; the summary is there without loading it. */
export interface Entry {
  readonly summary: string;
  load(): Promise<{ default: Command | Group }>;
}

/** A declared command, ready to run: citty's definition with our arguments. */
export interface Command extends Omit<CommandDef, "meta" | "args" | "run">, Teaching {
  readonly meta: Meta;
  readonly args: Arguments;
  readonly exclusive: readonly (readonly string[])[];
  readonly needsServer: boolean;
  run(context: { args: Readonly<Record<string, unknown>>; data: Session }): Promise<void>;
}

/** Declares a command; see the head of this file. */
export function defineCommand<const A extends Arguments = {}>(declaration: Declaration<A>): Command {
  const { args = {}, exclusive = [], needsServer = true, run, ...described } = declaration;
  return {
    ...described,
    args,
    exclusive,
    needsServer,
    run: ({ args: options, data: session }) => run(options as Options<A>, session),
  };
}

export const isGroup = (node: Command | Group): node is Group => "subCommands" in node;

/** Loads the command or group that a path of words leads to; undefined for the program itself. */
export async function nodeAt(
  path: readonly string[],
  commands: Readonly<Record<string, Entry>>,
): Promise<Command | Group | undefined> {
  let node: Command | Group | undefined;
  for (const word of path) {
    const entries: Readonly<Record<string, Entry>> = node && isGroup(node) ? node.subCommands : commands;
    node = (await entries[word]!.load()).default;
  }
  return node;
}
