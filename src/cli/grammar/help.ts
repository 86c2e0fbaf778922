import type { Output } from "../context.ts";
import { type Argument, type Arguments, type Command, type Entry, type Group, isGroup } from "./command.ts";
import { PROGRAM_OPTIONS } from "./command-line.ts";
import { type NamedArgument, namedArguments } from "./option-table.ts";
import { isRequired } from "./parse.ts";
import { type Style, styleOf } from "../output/style.ts";

/** What a help text describes: the program, a group of commands, or one command. */
export interface HelpPage {
  /** The words that lead here, the program's name first. */
  readonly words: readonly string[];
  readonly args: Arguments;
  readonly exclusive: readonly (readonly string[])[];
  readonly commands: Readonly<Record<string, Entry>>;
  readonly intro: string;
  readonly details?: string | undefined;
  readonly fields: Readonly<Record<string, string>>;
  readonly examples: readonly string[];
}

const GREATEST_WIDTH = 100;
const LABEL_WIDTH = 26;

/** The page of a group or command; without one, the page of the program. */
export function helpPage(
  program: string,
  path: readonly string[],
  node: Command | Group | undefined,
  commands: Readonly<Record<string, Entry>>,
): HelpPage {
  const words = [program, ...path];
  if (!node) return { words, args: PROGRAM_OPTIONS, exclusive: [], commands, ...PROGRAM_TEXT };
  const { details, fields = {}, examples = [] } = node;
  const texts = { words, intro: `${node.meta.description}.`, details, fields, examples };
  return isGroup(node)
    ? { ...texts, args: {}, exclusive: [], commands: node.subCommands }
    : { ...texts, args: node.args, exclusive: node.exclusive, commands: {} };
}

const PROGRAM_TEXT = {
  intro: "Submit test jobs to a Testflinger server, follow them, and fetch what they leave behind.",
  details:
    "Learn about a command with `help COMMAND`, and about the rest with `help` and one of these topics: " +
    "job-file, scripts, output, exit-status, environment.",
  fields: {},
  examples: [
    "testflinger submit --poll job.yaml      # submit a job and watch it",
    "testflinger reserve --queue my-queue    # keep a device for interactive use",
    "testflinger status JOB_ID               # see how far a job is",
    "testflinger config server=https://testflinger.example.com",
  ],
};

/** The `usage: …` lines alone, as they stand above usage errors and on top of help. */
export function renderUsage(page: HelpPage, output: Pick<Output, "columns" | "colour">): string {
  const style = styleOf(output);
  const head = `usage: ${page.words.join(" ")}`;
  const parts = [...optionParts(page), ...positionalParts(page)];
  const indent = " ".repeat(Math.min(head.length + 1, 24));
  return `${style.bold("usage:")}${wrapWords(head, parts, indent, widthOf(output)).slice("usage:".length)}\n`;
}

/** A whole help text. */
export function renderHelp(page: HelpPage, output: Pick<Output, "columns" | "colour">): string {
  const style = styleOf(output);
  const width = widthOf(output);
  const named = namedArguments(page.args);
  const positionals = Object.entries(page.args).filter(([, argument]) => argument.type === "positional");
  const sections = [
    renderUsage(page, output),
    paragraphs([page.intro, page.details], width),
    table(
      "commands",
      Object.entries(page.commands).map(([name, { summary }]) => [name, summary]),
      style,
      width,
    ),
    table(
      "arguments",
      positionals.map(([key, argument]) => [key, describe(argument)]),
      style,
      width,
    ),
    table(
      "options",
      named.map((option) => [optionLabel(option), describe(option.argument)]),
      style,
      width,
    ),
    table("fields of --json and --output yaml", Object.entries(page.fields), style, width),
    examples(page.examples, page.words[0]!, style),
  ];
  return sections.filter((section) => section !== "").join("\n");
}

const widthOf = ({ columns }: Pick<Output, "columns">) => Math.max(40, Math.min(columns, GREATEST_WIDTH));

function optionParts(page: HelpPage): string[] {
  const named = namedArguments(page.args);
  const grouped = new Set(page.exclusive.flat());
  const alone = named.filter(({ key }) => !grouped.has(key)).map((option) => bracket(option, usagePart(option)));
  // A line may be broken between the options of a group.
  const groups = page.exclusive.flatMap((keys) => {
    const parts = named.filter(({ key }) => keys.includes(key)).map(usagePart);
    return parts.map((part, i) => `${i === 0 ? "[" : "| "}${part}${i === parts.length - 1 ? "]" : ""}`);
  });
  return [...alone.slice(0, 1), ...groups, ...alone.slice(1)];
}

function positionalParts(page: HelpPage): string[] {
  if (Object.keys(page.commands).length > 0) return ["command", "..."];
  return Object.entries(page.args)
    .filter(([, argument]) => argument.type === "positional")
    .map(([key, argument]) => {
      const words = "collect" in argument && argument.collect ? `${key} [${key} ...]` : key;
      return isRequired(argument) ? words : `[${words}]`;
    });
}

const bracket = ({ argument }: NamedArgument, part: string) => (isRequired(argument) ? part : `[${part}]`);

const usagePart = ({ key, names, argument }: NamedArgument) => [names[0], ...valueHint(key, argument)].join(" ");

function optionLabel({ key, names, argument }: NamedArgument): string {
  return [names.join(", "), ...valueHint(key, argument)].join(" ");
}

function valueHint(key: string, argument: Argument): string[] {
  if (argument.type === "boolean") return [];
  const hint = argument.valueHint ?? key.toUpperCase().replaceAll("-", "_");
  return ["collect" in argument && argument.collect === "greedy" ? `${hint} [${hint} ...]` : hint];
}

function describe(argument: Argument): string {
  const notes = [
    ...("options" in argument && argument.options ? [`one of ${argument.options.join(", ")}`] : []),
    ...("default" in argument && argument.default !== undefined ? [`default: ${argument.default}`] : []),
    ...(argument.type !== "positional" && isRequired(argument) ? ["required"] : []),
  ];
  return notes.length > 0 ? `${argument.description} (${notes.join("; ")})` : argument.description;
}

function paragraphs(texts: readonly (string | undefined)[], width: number): string {
  return texts.flatMap((text) => (text ? [`${Bun.wrapAnsi(text.trim(), width)}\n`] : [])).join("\n");
}

function table(title: string, rows: readonly (readonly [string, string])[], style: Style, width: number): string {
  if (rows.length === 0) return "";
  const gap = " ".repeat(LABEL_WIDTH);
  const lines = rows.map(([label, text]) => {
    const wrapped = Bun.wrapAnsi(text, width - LABEL_WIDTH)
      .split("\n")
      .join(`\n${gap}`);
    const fits = label.length + 4 <= LABEL_WIDTH;
    const shown = style.cyan(label);
    return fits ? `  ${shown}${" ".repeat(LABEL_WIDTH - 2 - label.length)}${wrapped}` : `  ${shown}\n${gap}${wrapped}`;
  });
  return `${style.bold(`${title}:`)}\n${lines.join("\n")}\n`;
}

function examples(lines: readonly string[], program: string, style: Style): string {
  if (lines.length === 0) return "";
  const shown = lines.map((line) => {
    const [, command = line, comment = ""] = /^(.*?)(\s{2,}#.*)?$/.exec(line.replace(/^testflinger\b/, program)) ?? [];
    return `  ${command}${style.dim(comment)}`;
  });
  return `${style.bold("examples:")}\n${shown.join("\n")}\n`;
}

/** Appends `parts` to `head`, breaking lines only between them. */
function wrapWords(head: string, parts: readonly string[], indent: string, width: number): string {
  const lines = [head];
  for (const part of parts) {
    const line = lines.at(-1)!;
    if (line.length + 1 + part.length <= width || line === head) lines[lines.length - 1] = `${line} ${part}`;
    else lines.push(`${indent}${part}`);
  }
  return lines.join("\n");
}
