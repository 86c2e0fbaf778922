import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseScript, type Scenario } from "./script.ts";

const FOLDER = join(import.meta.dir, "scripts");

export interface Script {
  /** Of the file: a command, or what several commands have in common. */
  readonly name: string;
  readonly scenarios: readonly Scenario[];
}

export const allScripts = (): Script[] =>
  readdirSync(FOLDER).map((file) => ({
    name: file.replace(/\.txt$/, ""),
    scenarios: parseScript(readFileSync(join(FOLDER, file), "utf8")),
  }));
