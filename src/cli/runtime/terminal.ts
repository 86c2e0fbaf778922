import { fstatSync, type Stats, statSync } from "node:fs";
import type * as Tty from "node:tty";

/**
 * Is a standard stream a terminal? `node:tty` brings all of `node:net` with it, three milliseconds that a pipe, a file or
 * the null device (a character device as terminals are) need not cost.
 */
export function isTerminal(descriptor: 0 | 1 | 2): boolean {
  try {
    const stream = fstatSync(descriptor);
    return stream.isCharacterDevice() && !isNullDevice(stream) && tty().isatty(descriptor);
  } catch {
    // A closed descriptor (EBADF).
    return false;
  }
}

/** Windows has no file of this name; its null device is no character device there. */
const isNullDevice = ({ rdev }: Stats): boolean => statSync("/dev/null", { throwIfNoEntry: false })?.rdev === rdev;

export const tty = (): typeof Tty => process.getBuiltinModule("node:tty");
