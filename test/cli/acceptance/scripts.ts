import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseScript, type Scenario } from "./script.ts";

const FOLDER = join(import.meta.dir, "scripts");

export interface Script {
  /** Of the file: a command, or what several commands have in common. */
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

/** Those that let a request time out come first: the others run meanwhile. */
export function allScripts(): Script[] {
  const scripts = readdirSync(FOLDER).map((file) => ({
    name: file.replace(/\.txt$/, ""),
    scenarios: parseScript(readFileSync(join(FOLDER, file), "utf8")),
  }));
  return [...scripts.filter(waits), ...scripts.filter((script) => !waits(script))];
}

const waits = ({ scenarios }: Script): boolean =>
  scenarios.some(({ exchanges }) => exchanges.some(({ reaction }) => reaction === "says nothing"));
