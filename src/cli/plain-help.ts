import { COMMANDS } from "./commands/index.ts";
import { helpPage, renderHelp } from "./grammar/help.ts";
import { PROGRAM_NAMES, type ProgramName } from "./program-name.ts";

/** The help of the program as a pipe gets it: 80 columns, no colours. Run by the bundler, so that it costs no start. */
export function plainHelp(): Record<ProgramName, string> {
  const pages = PROGRAM_NAMES.map((name) => {
    const page = helpPage(name, [], undefined, COMMANDS);
    return [name, renderHelp(page, { columns: 80, colour: false })];
  });
  return Object.fromEntries(pages) as Record<ProgramName, string>;
}
