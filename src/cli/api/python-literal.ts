import { Float, type Json } from "../format/json-value.ts";
import { floatText, integerText } from "../format/python-number.ts";

/**
 * A JSON value as Python's `repr` writes it: `['Not a valid string.']`, `{'a': True}`. Validation errors have been shown
 * that way for years, and scripts look for the texts (cli section 4.2).
 */
export function pythonLiteral(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return quoted(value);
  if (typeof value === "bigint") return integerText(value);
  if (typeof value === "number") return numberText(value);
  if (value instanceof Float) return floatText(value.value);
  if (Array.isArray(value)) return `[${value.map(pythonLiteral).join(", ")}]`;
  return `{${[...value].map(([key, item]) => `${quoted(key)}: ${pythonLiteral(item)}`).join(", ")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Number.isInteger(value) ? integerText(value) : floatText(value);
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  // Python escapes what its `str.isprintable` refuses: every separator but the blank, and category C.
  const escaped = text.replace(/[\\'"]|[^\P{Z} ]|\p{C}/gu, (character) => {
    if (character === '"' || character === "'") return character === quote ? `\\${character}` : character;
    return SHORT_ESCAPES[character] ?? codePointEscape(character.codePointAt(0)!);
  });
  return quote + escaped + quote;
}

function codePointEscape(codePoint: number): string {
  const hex = codePoint.toString(16);
  if (codePoint <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return codePoint <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
