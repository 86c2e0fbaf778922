import { tagOf } from "./yaml-tags.ts";

/** How a text is written. */
export type Style = "plain" | "single" | "double" | "literal";

/** Characters that a plain or single-quoted scalar, or a literal block, can hold; PyYAML escapes all others. */
const ONLY_PRINTABLE_ASCII = /^[\n -~]*$/;
const SPACE_BEFORE_BREAK = / \n/;
/** What a plain scalar must not begin with, or contain, in block context (YAML 1.1 section 9.1.3). */
const INDICATORS = /^(?:---|\.\.\.)|^[#,[\]{}&*!|>'"%@`]|^[?:-](?:[ \n]|$)|:(?:[ \n]|$)|[ \n]#/;

/**
 * The style that PyYAML chooses. Texts with line breaks ask for a literal block, as the reference does for readability.
 *
 * @param asKey whether the text stands before the colon of a mapping, in one line
 */
export function styleOf(text: string, asKey = false): Style {
  const multiline = text.includes("\n");
  if (!ONLY_PRINTABLE_ASCII.test(text) || SPACE_BEFORE_BREAK.test(text)) return "double";
  if (multiline) return asKey || text.endsWith(" ") ? "double" : "literal";
  const plain = text !== "" && !/^ | $/.test(text) && !INDICATORS.test(text) && tagOf(text) === "str";
  return plain ? "plain" : "single";
}

/** Can the text stand before the colon in one line? Otherwise it needs a `? ` line of its own. */
export function isSimpleKey(text: string): boolean {
  // PyYAML counts the tag `!!str`, which it does not write, against its limit of 128.
  return text !== "" && !/[\n\u0085\u2028\u2029]/.test(text) && [...text].length + "!!str".length < 128;
}
