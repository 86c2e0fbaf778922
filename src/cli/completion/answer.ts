import { configHome, historyFileIn } from "../config/paths.ts";
import type { Context } from "../context.ts";
import type { Entry } from "../grammar/command.ts";
import type { NamedArgument } from "../grammar/option-table.ts";
import { JobHistory } from "../history/history.ts";
import { expectedAfter } from "./expected.ts";
import { filesFrom } from "./files.ts";
import { type TypedLine, typedLine } from "./typed-line.ts";

const DEFAULT_SEPARATOR = "\u000b";

/**
 * What the shell offers for the line in `COMP_LINE`, in the form of Python's argcomplete, whose Bash script the snap
 * installs. No request is made.
 */
export async function completions(context: Context, commands: Readonly<Record<string, Entry>>): Promise<string> {
  const { env } = context;
  const line = env.COMP_LINE ?? "";
  const typed = typedLine(line.slice(0, Number(env.COMP_POINT ?? line.length)));
  const candidates = await candidatesFor(typed, context, commands);
  const shown = candidates.map((candidate) => quoted(candidate, typed)).map((text) => cut(text, typed, env));
  const spaced = env._ARGCOMPLETE_SUPPRESS_SPACE === "1" && shown.length === 1 ? shown.map(withBlank) : shown;
  return spaced.join(env._ARGCOMPLETE_IFS ?? env.IFS ?? DEFAULT_SEPARATOR);
}

async function candidatesFor(
  { words, prefix }: TypedLine,
  context: Context,
  commands: Readonly<Record<string, Entry>>,
): Promise<string[]> {
  const [option, value] = splitOption(prefix);
  const expected = await expectedAfter([...words.slice(1), ...(option ? [option] : [])], commands);
  const fixed = [...expected.words, ...(option ? [] : expected.options.flatMap((named) => spellings(named, prefix)))];
  const open = await openWords(expected.from, value, context);
  const offered = [...open, ...fixed.filter((word) => word.startsWith(value))];
  return option ? offered.map((word) => `${option}=${word}`) : offered;
}

/** `--option=value` completes the value. */
function splitOption(prefix: string): [option: string | undefined, value: string] {
  const [, option, value] = /^(--[^=]+)=(.*)$/s.exec(prefix) ?? [];
  return [option, value ?? prefix];
}

/** All spellings at an empty word; after a hyphen the long ones, where there are any. */
function spellings({ names }: NamedArgument, prefix: string): readonly string[] {
  if (prefix === "") return names;
  const long = names.filter((name) => name.startsWith("--"));
  return long.length > 0 ? long : names;
}

async function openWords(from: string | undefined, prefix: string, context: Context): Promise<string[]> {
  if (from === undefined || prefix.startsWith("-")) return [];
  if (from !== "job") return filesFrom(prefix, from as "file", context.cwd);
  const history = new JobHistory(historyFileIn(configHome(context.env)), context.clock, SILENT);
  return (await history.jobs()).map(({ id }) => id).filter((id) => id.startsWith(prefix));
}

const SILENT = { error: () => undefined, warning: () => undefined, debug: () => undefined };

/** Escapes what the shell would take for something else. */
function quoted(word: string, { quote }: TypedLine): string {
  if (quote === "'") return word.replaceAll("'", `'\\''`);
  if (quote === '"') return word.replace(/["\\$`]/g, "\\$&");
  return word.replace(/[\s"'\\$`;&|<>()!*?[\]{}#]/g, "\\$&");
}

/** Bash replaces only what stands behind the last of its word breaks, such as `=` or `:`. */
function cut(word: string, { prefix, quote }: TypedLine, env: Context["env"]): string {
  const breaks = env._ARGCOMPLETE_COMP_WORDBREAKS;
  if (breaks === undefined || quote) return word;
  const last = Math.max(
    -1,
    ...Array.from(breaks.replace(/[\s"'\\]/g, ""), (character) => prefix.lastIndexOf(character)),
  );
  return word.slice(last + 1);
}

const withBlank = (word: string): string => (/[=/:]$/.test(word) ? word : `${word} `);
