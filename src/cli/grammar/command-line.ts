import { UsageError } from "../errors.ts";
import { type Command, type Entry, type Group, isGroup, type Options } from "./command.ts";
import { namedArguments } from "./option-table.ts";
import { invalidChoice, parse } from "./parse.ts";

/** Options of the program itself, valid only before the command (command-line section 2.2). */
export const PROGRAM_OPTIONS = {
  version: { type: "boolean", description: "show the version and exit" },
  configfile: {
    type: "string",
    alias: "c",
    valueHint: "FILE",
    completes: "file",
    description: "configuration file to read, and to write with `config key=value`",
  },
  debug: { type: "boolean", alias: "d", description: "tell on stderr what goes wrong behind the scenes" },
  verbose: { type: "boolean", alias: "v", description: "tell on stderr about every request; secrets are left out" },
  "no-browser": { type: "boolean", description: "open no browser when a login is needed, only show the address" },
  server: { type: "string", valueHint: "URL", description: "server to talk to" },
} as const;

export type ProgramOptions = Options<typeof PROGRAM_OPTIONS>;

/** What a command line asks for. */
export type Invocation =
  | { kind: "version" }
  | { kind: "help"; path: readonly string[]; node: Command | Group | undefined }
  | { kind: "nothing"; program: ProgramOptions }
  | {
      kind: "run";
      program: ProgramOptions;
      path: readonly string[];
      command: Command;
      options: Record<string, unknown>;
    };

/**
 * Reads a whole command line and loads the one command it names.
 * @throws UsageError naming the sub-command whose usage helps; unknown commands and words that fit nothing are
 * reported for the program itself, as the reference does (command-line section 2.4).
 */
export async function readCommandLine(
  words: readonly string[],
  commands: Readonly<Record<string, Entry>>,
): Promise<Invocation> {
  const { options, help, unrecognised, rest } = parse({ args: PROGRAM_OPTIONS, stopAtPositional: true }, words);
  if (help) return { kind: "help", path: [], node: undefined };
  const program = options as ProgramOptions;
  if (program.version) return { kind: "version" };
  const [name, ...remaining] = rest;
  if (name === undefined) {
    refuse(unrecognised);
    return { kind: "nothing", program };
  }
  return descend({ path: [], commands, label: "command", program, unrecognised }, name, remaining);
}

interface Place {
  readonly path: readonly string[];
  readonly commands: Readonly<Record<string, Entry>>;
  readonly label: string;
  readonly program: ProgramOptions;
  readonly unrecognised: readonly string[];
}

async function descend(place: Place, name: string, words: readonly string[]): Promise<Invocation> {
  const entry = Object.hasOwn(place.commands, name) ? place.commands[name] : undefined;
  if (!entry) {
    const names = Object.keys(place.commands);
    const { nearestName } = await import("./nearest-name.ts");
    const meant = nearestName(name, names);
    const hint = meant ? `; did you mean '${meant}'?` : "";
    throw new UsageError(`argument ${place.label}: ${invalidChoice(name, names)}${hint}`, place.path);
  }
  const { default: node } = await entry.load();
  const path = [...place.path, name];
  return isGroup(node) ? enterGroup(place, node, path, words) : enterCommand(place, node, path, words);
}

async function enterGroup(place: Place, node: Group, path: readonly string[], words: readonly string[]) {
  const { help, unrecognised, rest } = within(path, () => parse({ args: {}, stopAtPositional: true }, words));
  if (help) return { kind: "help", path, node } as const;
  const label = `${path.at(-1)}_command`;
  const [name, ...remaining] = rest;
  if (name === undefined) throw new UsageError(`the following arguments are required: ${label}`, path);
  const seen = [...place.unrecognised, ...unrecognised];
  return descend({ ...place, path, commands: node.subCommands, label, unrecognised: seen }, name, remaining);
}

function enterCommand(place: Place, node: Command, path: readonly string[], words: readonly string[]): Invocation {
  const { options, help, unrecognised } = within(path, () => parse(node, words));
  if (help) return { kind: "help", path, node };
  refuse([...place.unrecognised, ...unrecognised]);
  return { kind: "run", program: place.program, path, command: node, options };
}

function refuse(words: readonly string[]) {
  if (words.length === 0) return;
  const misplaced = words.find((word) => PROGRAM_OPTION_NAMES.includes(word.split("=")[0]!));
  const remedy = misplaced ? ` - ${misplaced.split("=")[0]} must stand before the command` : "";
  throw new UsageError(`unrecognized arguments: ${words.join(" ")}${remedy}`);
}

const PROGRAM_OPTION_NAMES = namedArguments(PROGRAM_OPTIONS).flatMap(({ names }) => names);

/** Lets a usage error know which sub-command it belongs to. */
function within<T>(path: readonly string[], action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(error.message, path);
    throw error;
  }
}
