import { describe, expect, test } from "bun:test";
import { Type } from "@sinclair/typebox";
import { type Json, SchemaBook } from "../../../src/server/docs/schemas.ts";
import {
  dictionary,
  duration,
  fields,
  flag,
  integer,
  list,
  nullable,
  optional,
  text,
} from "../../../src/shared/wire.ts";

describe("A wire schema in OpenAPI 3.0", () => {
  test.each<[string, Json, unknown]>([
    [
      "null is a property of the type",
      nullable(integer({ minimum: 1 })),
      { type: "integer", minimum: 1, nullable: true },
    ],
    [
      "a union with null is the other type",
      Type.Union([Type.String({ format: "date-time" }), Type.Null()], { description: "End" }),
      { type: "string", format: "date-time", description: "End", nullable: true },
    ],
    [
      "a union of several and null is nullable in one",
      Type.Union([Type.String(), Type.Integer(), Type.Null()]),
      { anyOf: [{ type: "string", nullable: true }, { type: "integer" }] },
    ],
    [
      "alternatives that may be null say so in one",
      nullable(duration("How long")),
      {
        format: "duration",
        description: "How long",
        anyOf: [{ type: "integer", minimum: 0, nullable: true }, { type: "string" }],
      },
    ],
    ["a literal is the only word", Type.Literal("Bearer"), { type: "string", enum: ["Bearer"] }],
    [
      "a record is an object of values",
      Type.Record(Type.String(), Type.Integer()),
      { type: "object", additionalProperties: { type: "integer" } },
    ],
    [
      "names of keys are not limited",
      dictionary(text(), { description: "Secrets", key: "^[a-z]+$" }),
      { type: "object", description: "Secrets", additionalProperties: { type: "string" } },
    ],
    [
      "rules are left out, and what has a default may be",
      fields({ a: text(), b: optional(flag()), c: flag({ default: false }) }, { rule: () => "no" }),
      {
        type: "object",
        additionalProperties: false,
        required: ["a"],
        properties: { a: { type: "string" }, b: { type: "boolean" }, c: { type: "boolean", default: false } },
      },
    ],
    [
      "no list of required properties is empty",
      fields({ a: flag({ default: false }) }),
      { type: "object", additionalProperties: false, properties: { a: { type: "boolean", default: false } } },
    ],
  ])("%s", (_what, schema, described) => {
    expect(new SchemaBook().describe(schema)).toEqual(described as Json);
  });
});

describe("An object with a title", () => {
  const item = fields({ a: text() }, { title: "One item" });

  test("is described once, wherever it is used", () => {
    const book = new SchemaBook();
    const reference = { $ref: "#/components/schemas/OneItem" };
    expect(book.describe(list(item))).toEqual({ type: "array", items: reference });
    expect(book.describe(fields({ item, more: optional(item) }))).toMatchObject({
      properties: { item: reference, more: reference },
    });
    expect(Object.keys(book.components)).toEqual(["OneItem"]);
  });
  test("that may be null is described in place", () => {
    expect(new SchemaBook().describe(nullable(item))).toMatchObject({ type: "object", nullable: true });
  });
  test("may not have the title of another", () => {
    const book = new SchemaBook();
    book.describe(item);
    expect(() => book.describe(fields({ b: text() }, { title: "One item" }))).toThrow("OneItem");
  });
});
