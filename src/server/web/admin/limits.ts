import { Problem } from "../../http/problem.ts";

/** Permissions by queue as people write them: a line for each, `queue = value`. */
export type Limits = Readonly<Record<string, number>>;

const UNITS = [
  [86_400, "d"],
  [3600, "h"],
  [60, "m"],
] as const;

/** `6h`, `90m`, `45s`: the largest unit that leaves no rest. */
export function durationText(seconds: number): string {
  const [length, unit] = UNITS.find(([length]) => seconds > 0 && seconds % length === 0) ?? [1, "s"];
  return `${seconds / length}${unit}`;
}

export const limitLines = (limits: Limits | undefined, valueText: (value: number) => string = String): string =>
  Object.entries(limits ?? {})
    .map(([queue, value]) => `${queue} = ${valueText(value)}`)
    .join("\n");

/** @param field for people, as the form calls it */
export function parseLimits(text: string, field: string, parseValue: (text: string) => number): Record<string, number> {
  const entries = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => {
      const sign = line.lastIndexOf("=");
      const queue = line.slice(0, Math.max(0, sign)).trim();
      if (queue === "") throw new Problem(422, `${field}: '${line}' must have the form 'queue = value'.`);
      return [queue, valueOf(line.slice(sign + 1).trim(), field, line, parseValue)] as const;
    });
  return Object.fromEntries(entries);
}

function valueOf(text: string, field: string, line: string, parse: (text: string) => number): number {
  try {
    return parse(text);
  } catch (error) {
    throw new Problem(422, `${field}: '${line}': ${(error as Error).message}.`, { cause: error });
  }
}

export function wholeNumber(text: string): number {
  if (!/^[+-]?\d{1,15}$/.test(text)) throw new Error(`'${text}' is no whole number`);
  return Number(text);
}
