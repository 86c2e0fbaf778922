import type { TSchema } from "@sinclair/typebox";
import { parseDateTime } from "../text/date-time.ts";
import { DurationError, parseDuration } from "../text/duration.ts";
import { isEmail } from "../text/email.ts";
import { isUrl } from "../text/url.ts";
import type { ObjectRule } from "../wire.ts";
import { refuse } from "./refused.ts";

/** A wire schema, with the keywords that conversion looks at. */
export type Schema = TSchema & {
  type?: string;
  format?: string;
  enum?: string[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  minimum?: number;
  minItems?: number;
  maxItems?: number;
  nullable?: boolean;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  additionalProperties?: boolean | Schema;
  propertyNames?: Schema;
  anyOf?: Schema[];
  mismatch?: string;
  rule?: ObjectRule;
};

/** Text of the schema's form, or the Date that it stands for. */
export function string(schema: Schema, value: unknown): unknown {
  if (schema.format === "date-time")
    return (typeof value === "string" && parseDateTime(value)) || refuse("Not a valid datetime.");
  if (typeof value !== "string") return refuse("Not a valid string.");
  const faults: string[] = [];
  if (schema.format === "uri" && !isUrl(value)) faults.push("Not a valid URL.");
  if (schema.format === "email" && !isEmail(value)) faults.push("Not a valid email address.");
  if (schema.minLength !== undefined && value.length < schema.minLength)
    faults.push(`Shorter than minimum length ${schema.minLength}.`);
  if (schema.maxLength !== undefined && value.length > schema.maxLength)
    faults.push(`Longer than maximum length ${schema.maxLength}.`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    faults.push("String does not match expected pattern.");
  if (schema.enum && !schema.enum.includes(value)) faults.push(`Must be one of: ${schema.enum.join(", ")}.`);
  return faults.length ? refuse(...faults) : value;
}

/** A JSON number, cut to a whole one, or its text. */
export function integer(schema: Schema, value: unknown): number {
  const number = typeof value === "number" ? Math.trunc(value) : typeof value === "string" ? integerOfText(value) : NaN;
  if (Number.isNaN(number)) return refuse("Not a valid integer.");
  // JSON numbers beyond 2^53 have lost digits before they get here; storing a neighbour would be a silent lie.
  if (!Number.isSafeInteger(number)) return refuse("Number too large.");
  if (schema.minimum !== undefined && number < schema.minimum)
    return refuse(`Must be greater than or equal to ${schema.minimum}.`);
  // -0 would be stored as a fraction.
  return number + 0;
}

/** Digits of a number in text at the most, with blanks and underscores; far more than a number that can be kept has. */
const MAX_INTEGER_LENGTH = 100;

const integerOfText = (value: string): number =>
  value.length <= MAX_INTEGER_LENGTH && /^\s*[+-]?\d+(_\d+)*\s*$/.test(value) ? Number(value.replaceAll("_", "")) : NaN;

/** The spellings that the reference takes, no others. */
const TRUE = /^(1|t|T|true|True|TRUE|y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(0|f|F|false|False|FALSE|n|N|no|No|NO|off|Off|OFF)$/;

/** A truth value, or one of the reference's words for it. */
export function boolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "string") {
    if (TRUE.test(String(value))) return true;
    if (FALSE.test(String(value))) return false;
  }
  return refuse("Not a valid boolean.");
}

/** Seconds (server-api section 4.4). */
export function durationSeconds(value: unknown): number {
  try {
    return parseDuration(value);
  } catch (error) {
    if (error instanceof DurationError) return refuse(`Invalid duration format: ${error.message}`);
    throw error;
  }
}
