/** A JSON schema, of the wire or of OpenAPI. */
export type Json = { readonly [key: string]: unknown };

/** Keywords that only the validation reads, that OpenAPI 3.0 does not know, or that it understands otherwise. */
const NOT_COPIED = new Set([
  "rule",
  "mismatch",
  "required",
  "propertyNames",
  "patternProperties",
  "const",
  "examples",
  "$id",
]);

/**
 * Wire schemas in the words of OpenAPI 3.0.3, which is an older JSON Schema with words of its own. Objects with a title are described once,
 * in `components.schemas`.
 */
export class SchemaBook {
  private readonly schemas = new Map<string, Json>();

  /** A schema to put into an operation. Throws when two different schemas have one title. */
  describe(schema: Json): Json {
    const described = this.convert(schema);
    if (typeof schema.title !== "string" || described.nullable === true) return described;
    const name = schema.title.replace(/[^a-z0-9]+(.)?/gi, (_, next?: string) => (next ?? "").toUpperCase());
    const known = this.schemas.get(name);
    if (known && !Bun.deepEquals(known, described)) throw new Error(`Two different schemas have the title ${name}`);
    this.schemas.set(name, described);
    return { $ref: `#/components/schemas/${name}` };
  }

  /** `components.schemas`, by name. */
  get components(): Json {
    return Object.fromEntries([...this.schemas].toSorted(([a], [b]) => a.localeCompare(b)));
  }

  private convert(schema: Json): Json {
    const alternatives = listOf(schema.anyOf);
    if (schema.nullable && alternatives.length > 0)
      return this.orNull({ ...schema, anyOf: undefined, nullable: undefined }, alternatives);
    const some = alternatives.filter(({ type }) => type !== "null");
    if (some.length < alternatives.length) return this.orNull({ ...schema, anyOf: undefined }, some);
    return { ...this.keywords(schema), ...replacements(schema, (inner) => this.describe(inner)) };
  }

  /** Null is a property of a type in OpenAPI 3.0, not a type; of several alternatives one has it. */
  private orNull(rest: Json, [first = {}, ...others]: readonly Json[]): Json {
    const orNull = { ...this.convert(first), nullable: true };
    return others.length === 0
      ? { ...orNull, ...this.keywords(rest) }
      : { ...this.keywords(rest), anyOf: [orNull, ...others.map((one) => this.describe(one))] };
  }

  private keywords(schema: Json): Json {
    const known = Object.entries(schema).filter(
      ([key, value]) => !NOT_COPIED.has(key) && value !== undefined && typeof value !== "function",
    );
    return Object.fromEntries(known.map(([key, value]) => [key, this.keyword(key, value)]));
  }

  private keyword(key: string, value: unknown): unknown {
    switch (key) {
      case "properties":
        return mapValues(value as Json, (property) => this.describe(property as Json));
      case "items":
        return this.describe(value as Json);
      case "additionalProperties":
        return typeof value === "object" ? this.describe(value as Json) : value;
      case "anyOf":
      case "oneOf":
      case "allOf":
        return listOf(value).map((one) => this.describe(one));
      default:
        return value;
    }
  }
}

/** What OpenAPI 3.0 says instead of keywords that it does not know. */
function replacements(schema: Json, describe: (schema: Json) => Json): Json {
  const [byPattern] = Object.values((schema.patternProperties ?? {}) as Json);
  const [example] = Array.isArray(schema.examples) ? (schema.examples as unknown[]) : [];
  return {
    ...requiredOf(schema),
    ...(byPattern === undefined ? {} : { additionalProperties: describe(byPattern as Json) }),
    ...(schema.const === undefined ? {} : { enum: [schema.const] }),
    ...(example === undefined ? {} : { example }),
  };
}

/** A property with a default may be left out; an empty list is not allowed. */
function requiredOf({ required, properties = {} }: Json): Json {
  const names = ((required ?? []) as string[]).filter(
    (name) => ((properties as Json)[name] as Json).default === undefined,
  );
  return names.length ? { required: names } : {};
}

const listOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? (value as Json[]) : []);

const mapValues = (object: Json, map: (value: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
