import { type Static, type TSchema, type TObject, type TProperties, type ObjectOptions, Type } from "@sinclair/typebox";

/**
 * Vocabulary of the wire schemas. They are TypeBox schemas: one declaration gives the TypeScript type, the OpenAPI text and,
 * through validation/decode.ts, the validation with the reference's conversions and messages (server-api section 1.5).
 */

/** Text. */
export const text = Type.String;
/** A whole number; signed 64 bit, as the databases keep it. */
export const integer = Type.Integer;
export const flag = Type.Boolean;
export const list = Type.Array;

/**
 * Entries of a list, or of an object with names of the sender's choice, that become rows of an index each: far more than any lab has. A body has room for
 * a million, which would hold up every other request for seconds.
 */
export const MAX_INDEXED = 10_000;

/** An absolute http, https, ftp or ftps URL. */
export const url = (description: string) => Type.String({ format: "uri", description });
export const email = (description: string) => Type.String({ format: "email", description });
/** An instant, ISO 8601 with `T` or a blank; without an offset it is UTC. Decodes to a Date. */
export const dateTime = (description: string) =>
  Type.Unsafe<Date>({ type: "string", format: "date-time", description });
/** Seconds, or text such as `2h30m`. Decodes to seconds. */
export const duration = (description: string) =>
  Type.Unsafe<number>({
    format: "duration",
    anyOf: [{ type: "integer", minimum: 0 }, { type: "string" }],
    description,
  });

/** One of a few words. */
export const oneOf = <const Words extends readonly string[]>(
  words: Words,
  options: { description?: string; default?: Words[number] } = {},
) => Type.Unsafe<Words[number]>({ type: "string", enum: [...words], ...options });

/** An object that a later reader understands and this server passes on. */
export const freeObject = (description: string) =>
  Type.Unsafe<Record<string, unknown>>({ type: "object", additionalProperties: true, description });

/** An object from any text to values of one type; `key` limits the names. */
export const dictionary = <Value extends TSchema>(value: Value, options: { description: string; key?: string }) =>
  Type.Unsafe<Record<string, Static<Value>>>({
    type: "object",
    additionalProperties: value,
    ...(options.key === undefined ? {} : { propertyNames: { pattern: options.key } }),
    description: options.description,
  });

/** `null` is accepted as well. */
export const nullable = <Inner extends TSchema>(inner: Inner) =>
  Type.Unsafe<Static<Inner> | null>({ ...inner, nullable: true });

/** A rule over the whole object: what is wrong with it, or nothing. Its message appears under `_schema`. */
export type ObjectRule = (value: Record<string, unknown>) => string | undefined;

/** An object of known fields; others are refused. */
export const fields = <Properties extends TProperties>(
  properties: Properties,
  options: ObjectOptions & { rule?: ObjectRule } = {},
): TObject<Properties> => Type.Object(properties, { additionalProperties: false, ...options });

export const optional = Type.Optional;
