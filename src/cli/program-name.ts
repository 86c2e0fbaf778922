/** Both names of the program; usage lines show the one it was started with (command-line section 1). */
export const PROGRAM_NAMES = ["testflinger", "testflinger-cli"] as const;
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** @param startedAs path or name of the executable, `process.argv0` */
export function programName(startedAs: string): ProgramName {
  const executable = startedAs
    .split(/[\\/]/)
    .at(-1)!
    .replace(/\.exe$/i, "");
  return PROGRAM_NAMES.find((known) => known === executable) ?? PROGRAM_NAMES[0];
}
