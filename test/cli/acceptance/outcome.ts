import { screenAfter } from "../support/virtual-terminal.ts";
import type { Mode, Scenario } from "./script.ts";

/** Width of the terminal: that of lines with long paths of temporary folders. */
export const COLUMNS = 400;

/** What a run of the program left. */
export interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** On a terminal, where both go to the same place. */
  readonly screen: string;
}

/** What departs from a scenario, in words. */
export function problemsOf(scenario: Scenario, mode: Mode, outcome: Outcome): string[] {
  const { exit, stdout, lines, stderr, absent } = scenario;
  const found = exit === outcome.exit ? [] : [`exit status ${outcome.exit}, not ${exit}`];
  if (mode === "pipe") {
    if (!pattern(stdout, "exact").test(outcome.stdout))
      found.push(`standard output is\n${outcome.stdout}not\n${stdout}`);
    found.push(...missing(stderr, outcome.stderr).map((text) => `standard error lacks ${text}`));
    if (stderr.length === 0 && outcome.stderr !== "") found.push(`standard error is not empty:\n${outcome.stderr}`);
  } else {
    const shown = screenAfter(outcome.screen.replaceAll("\r\n", "\n"), COLUMNS).join("\n");
    found.push(...missingLines(lines, shown).map((line) => `the terminal lacks the line ${line}`));
    found.push(...missing(stderr, shown).map((text) => `the terminal lacks ${text}`));
  }
  const everything = outcome.stdout + outcome.stderr + outcome.screen;
  found.push(...absent.filter((text) => everything.includes(text)).map((text) => `${JSON.stringify(text)} is shown`));
  return found.length === 0 ? [] : [...found, `standard error: ${outcome.stderr}`, `terminal: ${outcome.screen}`];
}

const missing = (expected: readonly string[], actual: string) =>
  expected.filter((text) => !pattern(text, "inside").test(actual));

/** Lines that the terminal does not show, or shows in another order. */
function missingLines(expected: readonly string[], actual: string): string[] {
  const lines = actual.split("\n");
  let position = 0;
  return expected.filter((line) => {
    if (line.trim() === "") return false;
    const at = lines.findIndex((shown, i) => i >= position && pattern(line.trimEnd(), "inside").test(shown));
    if (at >= 0) position = at;
    return at < 0;
  });
}

/** `{any}` stands for any text. */
export function pattern(text: string, where: "exact" | "inside"): RegExp {
  const source = text.split("{any}").map(RegExp.escape).join("[^]*?");
  return new RegExp(where === "exact" ? `^${source}$` : source, "u");
}
