import fc, { type Arbitrary } from "fast-check";
import { type Document, resolved, type Schema } from "./document.ts";
import { hostileJson, hostileText } from "./hostile.ts";

/** Values that exist in the lab under test, by the names of the fields that hold them. */
export type Known = Readonly<Record<string, readonly string[]>>;

export interface ValueOptions {
  readonly document: Document;
  readonly known: Known;
}

/** Of how many values one is hostile; 0: none is. */
type Spoilt = 0 | 12;

/** JSON texts of a schema: mostly what it wants, often with a fault somewhere, sometimes nothing like it. */
export const jsonFor = (schema: Schema, options: ValueOptions): Arbitrary<string> =>
  fc.oneof(
    { weight: 5, arbitrary: jsonOf(schema, "", options, 0) },
    { weight: 4, arbitrary: jsonOf(schema, "", options, 12) },
    { weight: 1, arbitrary: hostileJson },
  );

/** Texts for a parameter in a path or a query. */
export function textFor(name: string, schema: Schema, { known }: ValueOptions): Arbitrary<string> {
  const wanted =
    schema.type === "integer"
      ? fc.nat(50).map(String)
      : schema.enum
        ? fc.constantFrom(...schema.enum.map(String))
        : wantedText(name, schema, known);
  return fc.oneof({ weight: 8, arbitrary: wanted }, { weight: 1, arbitrary: hostileText });
}

function jsonOf(reference: Schema, name: string, options: ValueOptions, spoilt: Spoilt): Arbitrary<string> {
  const schema = resolved(reference, options.document);
  const wanted = schema.nullable
    ? fc.oneof({ weight: 5, arbitrary: wantedJson(schema, name, options, spoilt) }, fc.constant("null"))
    : wantedJson(schema, name, options, spoilt);
  return spoilt ? fc.oneof({ weight: spoilt, arbitrary: wanted }, { weight: 1, arbitrary: hostileJson }) : wanted;
}

function wantedJson(schema: Schema, name: string, options: ValueOptions, spoilt: Spoilt): Arbitrary<string> {
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return fc.oneof(...variants.map((variant) => jsonOf(variant, name, options, spoilt)));
  if (schema.enum) return fc.constantFrom(...schema.enum.map((value) => JSON.stringify(value)));
  switch (schema.type) {
    case "string":
      return wantedText(name, schema, options.known).map((text) => JSON.stringify(text));
    case "integer":
    case "number":
      return fc
        .oneof(fc.integer({ min: schema.minimum ?? -5, max: 100 }), fc.maxSafeInteger())
        .map((value) => String(Math.max(value, schema.minimum ?? value)));
    case "boolean":
      return fc.boolean().map(String);
    case "array":
      return fc
        .array(jsonOf(schema.items ?? {}, name, options, spoilt), {
          minLength: schema.minItems ?? 0,
          maxLength: schema.maxItems ?? 3,
        })
        .map((items) => `[${items.join(",")}]`);
    case "object":
      return wantedObject(schema, options, spoilt);
    default:
      return fc.json({ maxDepth: 1 });
  }
}

function wantedText(name: string, schema: Schema, known: Known): Arbitrary<string> {
  const existing = known[name];
  if (existing) return fc.constantFrom(...existing);
  if (schema.pattern !== undefined) return fc.stringMatching(new RegExp(schema.pattern), { maxLength: 30 });
  switch (schema.format) {
    case "uri":
      return fc.constantFrom("http://localhost/image", "https://images.example.com:8443/a%20b?c=d#e", "ftp://10.0.0.1");
    case "email":
      return fc.constantFrom("ann@example.com", '"a b"@localhost', "x@[127.0.0.1]");
    case "date-time":
      return fc.constantFrom("2026-01-02T03:04:05Z", "2026-01-02 03:04", "1969-12-31T23:59:59.999999-11:30");
    default:
      return fc.string({ minLength: schema.minLength ?? 0, maxLength: (schema.minLength ?? 0) + 10 });
  }
}

/** Objects as text, so that a key may stand there twice and `__proto__` is a key as any other. */
function wantedObject(
  { properties = {}, required = [], additionalProperties }: Schema,
  options: ValueOptions,
  spoilt: Spoilt,
): Arbitrary<string> {
  const member = (key: Arbitrary<string>, value: Arbitrary<string>) =>
    fc.tuple(key, value).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  const often = (arbitrary: Arbitrary<string>, [present, absent]: [number, number]) =>
    fc.oneof(
      { weight: present, arbitrary: arbitrary.map((text) => [text]) },
      { weight: absent, arbitrary: fc.constant([]) },
    );
  const declared = Object.entries(properties).map(([name, property]) =>
    often(
      member(fc.constant(name), jsonOf(property, name, options, spoilt)),
      required.includes(name) ? [spoilt || 1, spoilt ? 1 : 0] : [1, 2],
    ),
  );
  const strangers = fc.array(member(hostileText, hostileJson), { minLength: 1, maxLength: 2 });
  const unknown = spoilt ? fc.oneof({ weight: spoilt, arbitrary: fc.constant([]) }, strangers) : fc.constant([]);
  const free = additionalProperties
    ? fc.array(
        member(
          fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...NAMES) }, ...(spoilt ? [hostileText] : [])),
          additionalProperties === true ? fc.json({ maxDepth: 2 }) : jsonOf(additionalProperties, "", options, spoilt),
        ),
        { maxLength: 3 },
      )
    : fc.constant([]);
  return fc.tuple(...declared, unknown, free).map((members) => `{${members.flat().join(",")}}`);
}

/** Names in free objects. */
const NAMES = ["*", "queue-1", "key", "TOKEN", "setup", "test", "name with blanks"] as const;
