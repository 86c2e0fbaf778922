import { fstatSync } from "node:fs";
import type * as Tty from "node:tty";

/**
 * Is a standard stream a terminal? `node:tty` brings all of `node:net` with it, three milliseconds that a pipe or file
 * need not cost.
 */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice() && tty().isatty(descriptor);
  } catch {
    // A closed descriptor (EBADF).
    return false;
  }
}

export const tty = (): typeof Tty => process.getBuiltinModule("node:tty");
