import { byCodePoint } from "./code-points.ts";
import { Float } from "./json-value.ts";
import { floatText, integerText } from "./python-number.ts";

export { JsonSyntaxError, parse } from "./json-parser.ts";

export interface Layout {
  /** Blanks per level; none gives the compact form in one line. */
  readonly indent?: number;
  readonly sortKeys?: boolean;
}

/**
 * JSON exactly as Python's `json.dumps` writes it (command-line section 11.1). Takes `Json` and plain data; properties that
 * are `undefined` are left out, as in `JSON.stringify`.
 *
 * @throws {TypeError} for values that JSON has no form for
 */
export function stringify(value: unknown, layout: Layout = {}): string {
  return write(value, layout, "");
}

function write(value: unknown, layout: Layout, margin: string): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return quote(value);
  if (typeof value === "bigint") return integerText(value);
  if (typeof value === "number") return Number.isInteger(value) ? integerText(value) : floatText(value);
  if (value instanceof Float) return floatText(value.value);
  if (Array.isArray(value)) {
    return enclose(value, "[]", layout, margin, (item, inner) => write(item, layout, inner));
  }
  if (value instanceof Map || isPlainObject(value)) {
    const entries = entriesOf(value, layout);
    return enclose(
      entries,
      "{}",
      layout,
      margin,
      ([key, item], inner) => `${quote(key)}: ${write(item, layout, inner)}`,
    );
  }
  throw new TypeError(`${typeof value} is not JSON`);
}

function enclose<T>(
  items: readonly T[],
  brackets: "[]" | "{}",
  { indent }: Layout,
  margin: string,
  text: (item: T, margin: string) => string,
): string {
  if (items.length === 0) return brackets;
  if (indent === undefined) return brackets[0] + items.map((item) => text(item, "")).join(", ") + brackets[1];
  const inner = margin + " ".repeat(indent);
  return `${brackets[0]}\n${items.map((item) => inner + text(item, inner)).join(",\n")}\n${margin}${brackets[1]}`;
}

/** The entries of an object in the order in which they are written. */
function entriesOf(value: object, { sortKeys }: Layout): [string, unknown][] {
  const entries: [string, unknown][] =
    value instanceof Map ? [...value] : Object.entries(value).filter(([, item]) => item !== undefined);
  return sortKeys ? entries.sort(([a], [b]) => byCodePoint(a, b)) : entries;
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === "object" && [Object.prototype, null].includes(Object.getPrototypeOf(value) as null);

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

/** Everything outside U+0020 to U+007E is escaped, UTF-16 unit by UTF-16 unit. */
function quote(text: string): string {
  const escaped = text.replace(
    /["\\]|[^ -~]/g,
    (unit) => SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `"${escaped}"`;
}
