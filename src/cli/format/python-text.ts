// oxlint-disable-next-line no-control-regex -- the information separators end a line in Python
const LINE_END = /\r\n|[\n\r\v\f\u001c-\u001e\u0085\u2028\u2029]/;
// oxlint-disable-next-line no-control-regex -- and all four of them are blanks
const BLANK = /[\t-\r\u001c-\u001f \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Python's `str.splitlines`. */
export function splitLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/** Python's `str.rstrip`. */
export function trimEnd(text: string): string {
  // Not an expression ending in `$`: that takes quadratic time on a long run of blanks inside a text.
  let end = text.length;
  while (end > 0 && BLANK.test(text[end - 1]!)) end--;
  return text.slice(0, end);
}
