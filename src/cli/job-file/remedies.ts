import type { Schema } from "../../shared/validation/scalars.ts";

/** What a value must be instead, by what the server would say about it (server-api section 1.5). */
const REMEDIES: Readonly<Record<string, (schema: Schema, value: unknown) => string>> = {
  "Missing data for required field.": () => "is missing",
  "Field may not be null.": () => "is empty: give it a value, or leave it out",
  "Not a valid string.": (_, value) => `must be text, not ${kindOf(value)}: ${asText(value)}`,
  "Not a valid integer.": (_, value) => `must be a whole number, not ${kindOf(value)}`,
  "Not a valid boolean.": (_, value) => `must be true or false, not ${kindOf(value)}`,
  "Not a valid list.": (_, value) => `must be a list, not ${kindOf(value)}: write "- " before each item`,
  "Not a valid mapping type.": (_, value) => `must hold keys and values, not ${kindOf(value)}`,
  "Invalid input type.": (_, value) => `must hold keys and values, not ${kindOf(value)}`,
  "Not a valid URL.": () => "must be a URL that begins with http://, https:// or ftp://",
  "String does not match expected pattern.": ({ pattern }) => `does not have the form ${pattern}`,
};

/** What is wrong with a value and what to do about it; the server's own words where there is nothing to add. */
export function remedyFor(message: string, schema: Schema, value: unknown): string {
  return (Object.hasOwn(REMEDIES, message) && REMEDIES[message]?.(schema, value)) || message;
}

function kindOf(value: unknown): string {
  if (value === null) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "keys and values";
  return JSON.stringify(value);
}

/** How to write as text what YAML reads as something else. */
function asText(value: unknown): string {
  if (Array.isArray(value)) return 'write the lines behind "|"';
  if (typeof value === "object") return "put it in quotes, without a blank behind the colon";
  return "put it in quotes";
}
