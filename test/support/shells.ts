import { SCRIPTS, type Shell } from "../../src/cli/completion/scripts.ts";

/** Every shell that the program has a completion script for. */
export const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** Those of them that this machine has. */
export const installedShells = (): Shell[] => SHELLS.filter((shell) => Bun.which(shell) !== null);
