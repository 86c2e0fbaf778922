import { Kind, OptionalKind, type Static, type TSchema } from "@sinclair/typebox";
import { parseDateTime } from "../../shared/text/date-time.ts";
import { DurationError, parseDuration } from "../../shared/text/duration.ts";
import { isEmail } from "../../shared/text/email.ts";
import { isUrl } from "../../shared/text/url.ts";
import type { ObjectRule } from "../../shared/wire.ts";
import type { FieldMessages } from "./problem.ts";

/**
 * Validates values against wire schemas with the conversions and messages of the reference (server-api section 1.5). TypeBox's own
 * checker knows neither: clients look for these very sentences, and numbers may come as text.
 */
export type Decoded<T> = { ok: true; value: T } | { ok: false; messages: Messages };

type Messages = string[] | string | FieldMessages;
type Schema = TSchema & {
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

class Refused {
  constructor(readonly messages: Messages) {}
}

const refuse = (...messages: string[]): never => {
  throw new Refused(messages);
};

/** The value in the schema's type, or the messages of every field at fault. Unknown fields are refused unless `unknown` is `ignore`. */
export function decode<S extends TSchema>(
  schema: S,
  value: unknown,
  unknown: "refuse" | "ignore" = "refuse",
): Decoded<Static<S>> {
  try {
    // A body of `null` is no object, not an absent field.
    if (value === null && schema.type === "object" && !schema.nullable)
      throw new Refused({ _schema: ["Invalid input type."] });
    return { ok: true, value: convert(schema as Schema, value, unknown) as Static<S> };
  } catch (fault) {
    if (fault instanceof Refused) return { ok: false, messages: fault.messages };
    throw fault;
  }
}

function convert(schema: Schema, value: unknown, unknown: "refuse" | "ignore" = "refuse"): unknown {
  if (value === null) return schema.nullable || schema[Kind] === "Any" ? null : refuse("Field may not be null.");
  if (schema.format === "duration") return durationSeconds(value);
  if (schema.anyOf) return firstMatch(schema.anyOf, schema.mismatch ?? "Invalid value.", value);
  switch (schema.type) {
    case "string":
      return string(schema, value);
    case "integer":
      return integer(schema, value);
    case "boolean":
      return boolean(value);
    case "array":
      return array(schema, value);
    case "object":
      return schema.properties ? object(schema, schema.properties, value, unknown) : mapping(schema, value);
    default:
      return value;
  }
}

function string(schema: Schema, value: unknown): unknown {
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

function integer(schema: Schema, value: unknown): number {
  const number = typeof value === "number" ? Math.trunc(value) : typeof value === "string" ? integerOfText(value) : NaN;
  if (Number.isNaN(number)) return refuse("Not a valid integer.");
  // JSON numbers beyond 2^53 have lost digits before they get here; storing a neighbour would be a silent lie.
  if (!Number.isSafeInteger(number)) return refuse("Number too large.");
  if (schema.minimum !== undefined && number < schema.minimum)
    return refuse(`Must be greater than or equal to ${schema.minimum}.`);
  // -0 would be stored as a fraction.
  return number + 0;
}

const integerOfText = (value: string): number =>
  /^\s*[+-]?\d+(_\d+)*\s*$/.test(value) ? Number(value.replaceAll("_", "")) : NaN;

const TRUE = /^(1|t|T|true|True|TRUE|y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(0|f|F|false|False|FALSE|n|N|no|No|NO|off|Off|OFF)$/;

function boolean(value: unknown): boolean {
  if (typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "string") {
    if (TRUE.test(String(value))) return true;
    if (FALSE.test(String(value))) return false;
  }
  return refuse("Not a valid boolean.");
}

function array(schema: Schema, value: unknown): unknown[] {
  if (!Array.isArray(value)) return refuse("Not a valid list.");
  const messages: FieldMessages = {};
  const items = value.map((item, index) =>
    collect(messages, String(index), () => convert(schema.items as Schema, item)),
  );
  if (Object.keys(messages).length) throw new Refused(messages);
  if (schema.minItems !== undefined && items.length < schema.minItems)
    refuse(`Shorter than minimum length ${schema.minItems}.`);
  if (schema.maxItems !== undefined && items.length > schema.maxItems)
    refuse(`Longer than maximum length ${schema.maxItems}.`);
  return items;
}

function object(
  schema: Schema,
  properties: Record<string, Schema>,
  value: unknown,
  unknown: "refuse" | "ignore",
): Record<string, unknown> {
  if (!isPlainObject(value)) throw new Refused({ _schema: ["Invalid input type."] });
  const messages: FieldMessages = {};
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const given = Object.hasOwn(value, name);
    if (!given && property.default !== undefined) result[name] = structuredClone(property.default);
    else if (!given && property[OptionalKind] !== "Optional") messages[name] = ["Missing data for required field."];
    else if (given) {
      const converted = collect(messages, name, () => convert(property, value[name]));
      if (converted !== undefined) result[name] = converted;
    }
  }
  if (schema.additionalProperties === true) for (const name of Object.keys(value)) setOwn(result, name, value[name]);
  else if (unknown === "refuse")
    for (const name of Object.keys(value))
      if (!Object.hasOwn(properties, name)) setOwn(messages, name, ["Unknown field."]);
  if (Object.keys(messages).length) throw new Refused(messages);
  const fault = schema.rule?.(result);
  if (fault !== undefined) throw new Refused({ _schema: [fault] });
  return result;
}

function mapping(schema: Schema, value: unknown): Record<string, unknown> {
  if (!isPlainObject(value)) return refuse("Not a valid mapping type.");
  if (typeof schema.additionalProperties !== "object") return value;
  const { additionalProperties: values, propertyNames: names } = schema;
  const messages: FieldMessages = {};
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const faults: FieldMessages = {};
    if (names) collect(faults, "key", () => string(names, name));
    setOwn(
      result,
      name,
      collect(faults, "value", () => convert(values, item)),
    );
    if (Object.keys(faults).length) setOwn(messages, name, faults);
  }
  if (Object.keys(messages).length) throw new Refused(messages);
  return result;
}

function firstMatch(variants: Schema[], mismatch: string, value: unknown): unknown {
  if (!isPlainObject(value))
    throw new Refused({
      _schema: `Invalid data type: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    });
  for (const variant of variants) {
    const attempt = decode(variant, value);
    if (attempt.ok) return attempt.value;
  }
  throw new Refused({ _schema: [mismatch] });
}

function durationSeconds(value: unknown): number {
  try {
    return parseDuration(value);
  } catch (error) {
    if (error instanceof DurationError) return refuse(`Invalid duration format: ${error.message}`);
    throw error;
  }
}

/** Runs one conversion; its messages go under `name`. */
function collect(messages: FieldMessages, name: string, run: () => unknown): unknown {
  try {
    return run();
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    setOwn(messages, name, fault.messages);
    return undefined;
  }
}

/** Assigning to `__proto__` would change the object's prototype instead of adding a field. */
const setOwn = (target: Record<string, unknown>, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
};

export const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
