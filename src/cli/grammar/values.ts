import type { Reader } from "./command.ts";

/** Why the text of an argument has no value. Becomes `argument {name}: {message}`. */
export class ValueError extends Error {
  override readonly name = "ValueError";
}

/** Python's `int()`: optional sign, decimal digits, single `_` between digits, blanks around (command-line section 2.3). */
export const integer: Reader<number> = (text) => {
  if (!/^\s*[+-]?\d+(_\d+)*\s*$/.test(text)) throw new ValueError(`invalid int value: '${text}'`);
  const value = Number(text.replaceAll("_", ""));
  if (!Number.isSafeInteger(value)) throw new ValueError(`invalid int value: '${text}' is too large`);
  return value;
};

/** A file or folder name, which may not be empty. */
export const path: Reader<string> = (text) => {
  if (text === "") throw new ValueError("expected a file name, got an empty text");
  return text;
};
