import type { Reader } from "./command.ts";
import { ValueError } from "./values.ts";

/** What Python's `re` writes differently. */
const TRANSLATIONS: readonly (readonly [RegExp, string])[] = [
  [/\(\?P</g, "(?<"],
  [/\(\?P=(\w+)\)/g, "\\k<$1>"],
  [/\\A/g, "^"],
  [/\\Z/g, "$"],
];

/** A regular expression in Python's syntax, flags such as `(?i)` at its beginning included. */
export const regex: Reader<RegExp> = (text) => {
  const [, flags = "", rest = text] = /^\(\?([ims]+)\)(.*)$/s.exec(text) ?? [];
  const source = TRANSLATIONS.reduce((before, [from, to]) => before.replace(from, to), rest);
  try {
    return new RegExp(source, flags);
  } catch {
    throw new ValueError(`Invalid regex '${text}'`);
  }
};
