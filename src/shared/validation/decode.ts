import { Kind, OptionalKind, type Static, type TSchema } from "@sinclair/typebox";
import { isPlainObject } from "../plain-object.ts";
import { faultOf, Faults, type FieldMessages, refuse, Refused, setOwn } from "./refused.ts";
import { boolean, durationSeconds, integer, type Schema, string } from "./scalars.ts";

/**
 * Validates values against wire schemas with the conversions and messages of the reference (server-api section 1.5). TypeBox's own
 * checker knows neither: clients look for these very sentences, and numbers may come as text.
 */
export type Decoded<T> = { ok: true; value: T } | { ok: false; messages: FieldMessages };

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
    if (fault instanceof Refused) return { ok: false, messages: fault.byField };
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

function array(schema: Schema, value: unknown): unknown[] {
  if (!Array.isArray(value)) return refuse("Not a valid list.");
  // Before its items, of which there may be millions.
  if (schema.maxItems !== undefined && value.length > schema.maxItems)
    return refuse(`Longer than maximum length ${schema.maxItems}.`);
  const faults = new Faults();
  const ofItem = schema.items as Schema;
  const items: unknown[] = [];
  for (let index = 0; index < value.length && !faults.areEnough; index++) {
    try {
      items.push(convert(ofItem, value[index]));
    } catch (fault) {
      faults.catch(index, fault);
    }
  }
  faults.refuseIfAny();
  if (schema.minItems !== undefined && items.length < schema.minItems)
    return refuse(`Shorter than minimum length ${schema.minItems}.`);
  return items;
}

function object(
  schema: Schema,
  properties: Record<string, Schema>,
  value: unknown,
  unknown: "refuse" | "ignore",
): Record<string, unknown> {
  if (!isPlainObject(value)) throw new Refused({ _schema: ["Invalid input type."] });
  const faults = new Faults();
  const result: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    const given = Object.hasOwn(value, name);
    if (!given && property.default !== undefined) result[name] = structuredClone(property.default);
    else if (!given && property[OptionalKind] !== "Optional") faults.add(name, ["Missing data for required field."]);
    else if (given) {
      try {
        result[name] = convert(property, value[name]);
      } catch (fault) {
        faults.catch(name, fault);
      }
    }
  }
  if (schema.additionalProperties === true) for (const name of Object.keys(value)) setOwn(result, name, value[name]);
  else if (unknown === "refuse") addUnknown(faults, properties, value);
  faults.refuseIfAny();
  const fault = schema.rule?.(result);
  if (fault !== undefined) throw new Refused({ _schema: [fault] });
  return result;
}

function addUnknown(faults: Faults, properties: object, value: object): void {
  for (const name of Object.keys(value)) {
    if (faults.areEnough) return;
    if (!Object.hasOwn(properties, name)) faults.add(name, ["Unknown field."]);
  }
}

function mapping(schema: Schema, value: unknown): Record<string, unknown> {
  if (!isPlainObject(value)) return refuse("Not a valid mapping type.");
  if (typeof schema.additionalProperties !== "object") return value;
  const { additionalProperties: values, propertyNames: names } = schema;
  const faults = new Faults();
  const result: Record<string, unknown> = {};
  for (const [name, item] of Object.entries(value)) {
    const ofKey = names && faultOf(() => string(names, name));
    const ofValue = faultOf(() => setOwn(result, name, convert(values, item)));
    if (ofKey !== undefined || ofValue !== undefined)
      faults.add(name, { ...(ofKey && { key: ofKey }), ...(ofValue && { value: ofValue }) });
    if (faults.areEnough) break;
  }
  faults.refuseIfAny();
  return result;
}

function firstMatch(variants: Schema[], mismatch: string, value: unknown): unknown {
  if (!isPlainObject(value))
    throw new Refused({
      _schema: `Invalid data type: ${typeof value === "object" ? JSON.stringify(value) : String(value)}`,
    });
  const size = Object.keys(value).length;
  for (const variant of variants) {
    // None of its fields may be unknown.
    if (size > Object.keys(variant.properties ?? {}).length) continue;
    const attempt = decode(variant, value);
    if (attempt.ok) return attempt.value;
  }
  throw new Refused({ _schema: [mismatch] });
}
