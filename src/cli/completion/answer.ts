import type { Context } from "../context.ts";
import type { Entry } from "../grammar/command.ts";
import type { NamedArgument } from "../grammar/option-table.ts";
import { expectedAfter, type Offer } from "./expected.ts";
import { OpenWords } from "./open-words.ts";
import { written } from "./written.ts";
import { type TypedLine, typedLine } from "./typed-line.ts";

/** Between two answers. */
const VERTICAL_TAB = "\u000b";

/**
 * What the shell offers for the line in `COMP_LINE`, in the form of Python's argcomplete, whose Bash script the snap
 * installs. No request is made.
 */
export async function completions(context: Context, commands: Readonly<Record<string, Entry>>): Promise<string> {
  const { env } = context;
  const typed = typedLine(lineToCursor(env));
  const offers = await offersFor(typed, context, commands);
  return written(offers, typed, env).join(env._ARGCOMPLETE_IFS || VERTICAL_TAB);
}

/** The shell counts the cursor in bytes. */
function lineToCursor({ COMP_LINE = "", COMP_POINT }: Context["env"]): string {
  const bytes = Buffer.from(COMP_LINE);
  return bytes.subarray(0, COMP_POINT ? Number(COMP_POINT) : bytes.length).toString();
}

async function offersFor(
  { words, prefix }: TypedLine,
  context: Context,
  commands: Readonly<Record<string, Entry>>,
): Promise<Offer[]> {
  const [option, value] = splitOption(prefix);
  const expected = await expectedAfter([...words.slice(1), ...(option ? [option] : [])], commands);
  const fixed = [...expected.words, ...(option ? [] : expected.options.flatMap((named) => spellings(named, prefix)))];
  const source = new OpenWords(context, commands, expected.program);
  const open = expected.from && !value.startsWith("-") ? await source.beginningWith(value, expected.from) : [];
  const offered = [...open, ...fixed.filter(({ text }) => text.startsWith(value))];
  return option ? offered.map((offer) => ({ ...offer, text: `${option}=${offer.text}` })) : offered;
}

/** `--option=value` completes the value. */
function splitOption(prefix: string): [option: string | undefined, value: string] {
  const [, option, value] = /^(--[^=]+)=(.*)$/s.exec(prefix) ?? [];
  return [option, value ?? prefix];
}

/** All spellings at an empty word; after a hyphen the long ones, where there are any. */
function spellings({ names, argument: { description } }: NamedArgument, prefix: string): Offer[] {
  const long = names.filter((name) => name.startsWith("--"));
  return (prefix === "" || long.length === 0 ? names : long).map((text) => ({ text, description }));
}
