import { byCodePoint } from "./code-points.ts";
import { Float, type Json } from "./json-value.ts";
import { floatText, integerText } from "./python-number.ts";
import { splitLines, trimEnd } from "./python-text.ts";
import { isSimpleKey, styleOf } from "./yaml-style.ts";
import { YamlWriter } from "./yaml-writer.ts";

const INDENT = 4;

/**
 * A YAML 1.1 document in the layout of PyYAML's `dump` as the reference calls it (command-line section 11.2): block style,
 * keys sorted, 80 columns, ASCII only, texts of several lines as literal blocks. Ends with a line feed.
 */
export function dumpYaml(value: Json): string {
  const writer = new YamlWriter();
  writeNode(writer, value, { indent: undefined, inMapping: false });
  return writer.document();
}

interface Place {
  /** Column of the collection around the node; undefined at the root. */
  readonly indent: number | undefined;
  readonly inMapping: boolean;
}

const deeper = (indent: number | undefined): number => (indent === undefined ? 0 : indent + INDENT);

function writeNode(writer: YamlWriter, value: Json, place: Place): void {
  if (value instanceof Map) return writeMapping(writer, value, place);
  if (Array.isArray(value)) return writeSequence(writer, value, place);
  const isRoot = place.indent === undefined;
  const indent = isRoot ? INDENT : place.indent + INDENT;
  if (typeof value === "string") return writeText(writer, value, { indent, isRoot });
  writer.plain(scalarText(value), { indent, mayWrap: false, isRoot });
}

function writeMapping(writer: YamlWriter, mapping: ReadonlyMap<string, Json>, place: Place): void {
  if (mapping.size === 0) return writer.emptyCollection("{}");
  const indent = deeper(place.indent);
  const entries = [...mapping].sort(([a], [b]) => byCodePoint(a, b));
  for (const [rawKey, value] of entries) {
    const key = normalised(rawKey);
    writer.startLine(indent);
    if (isSimpleKey(key)) {
      writer[quotingOf(key, true)](key, { indent: indent + INDENT, mayWrap: false, isRoot: false });
      writer.indicator(":", { spaced: false });
    } else {
      writer.indicator("?", { spaced: true, indents: true });
      writeText(writer, rawKey, { indent: indent + INDENT, isRoot: false });
      writer.startLine(indent);
      writer.indicator(":", { spaced: true, indents: true });
    }
    writeNode(writer, value, { indent, inMapping: true });
  }
}

function writeSequence(writer: YamlWriter, items: readonly Json[], place: Place): void {
  if (items.length === 0) return writer.emptyCollection("[]");
  // Below a key, dashes stand in the column of the key.
  const flush = place.inMapping && !writer.atLineStart;
  const indent = flush ? place.indent! : deeper(place.indent);
  for (const item of items) {
    writer.startLine(indent);
    writer.indicator("-", { spaced: true, indents: true });
    writeNode(writer, item, { indent, inMapping: false });
  }
}

function writeText(writer: YamlWriter, raw: string, { indent, isRoot }: { indent: number; isRoot: boolean }): void {
  const text = normalised(raw);
  if (styleOf(text) === "literal") writer.literal(text, { indent, hint: INDENT });
  else writer[quotingOf(text, false)](text, { indent, mayWrap: true, isRoot });
}

function quotingOf(text: string, asKey: boolean): "plain" | "single" | "double" {
  const style = styleOf(text, asKey);
  return style === "literal" ? "double" : style;
}

/** Texts of several lines lose trailing blanks and get LF line ends, the last line too, so that they fit a literal block. */
function normalised(text: string): string {
  if (!text.includes("\n")) return text;
  return `${splitLines(text).map(trimEnd).join("\n")}\n`;
}

function scalarText(value: null | boolean | number | bigint | Float): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "bigint") return integerText(value);
  const number = typeof value === "number" ? value : value.value;
  if (Number.isNaN(number)) return ".nan";
  if (!Number.isFinite(number)) return number > 0 ? ".inf" : "-.inf";
  if (typeof value === "number" && Number.isInteger(number)) return integerText(number);
  const text = floatText(number);
  // YAML 1.1 reads a float only with a point.
  return text.includes(".") ? text : text.replace("e", ".0e");
}
