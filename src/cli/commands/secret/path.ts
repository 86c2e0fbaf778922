import type { Reader } from "../../grammar/command.ts";
import { ValueError } from "../../grammar/values.ts";

/** Segments of letters, digits, `_` and `-`, joined by single slashes (command-line section 10.14). */
export const secretPath: Reader<string> = (text) => {
  if (!/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/.test(text)) {
    throw new ValueError(`Invalid value '${text}', not a valid path: use letters, digits, "_", "-" and single "/"`);
  }
  return text;
};
