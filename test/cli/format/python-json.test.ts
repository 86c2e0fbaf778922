import { describe, expect, test } from "bun:test";
import { Float, type Json, plain } from "../../../src/cli/format/json-value.ts";
import { JsonSyntaxError, parse, stringify } from "../../../src/cli/format/python-json.ts";

describe("stringify", () => {
  test.each<[unknown, string]>([
    [null, "null"],
    [true, "true"],
    [{ a: 1, b: [1, 2] }, '{"a": 1, "b": [1, 2]}'],
    [{}, "{}"],
    [[], "[]"],
    [{ a: {}, b: [] }, '{"a": {}, "b": []}'],
    [{ a: undefined, b: 1 }, '{"b": 1}'],
    [
      new Map<string, Json>([
        ["10", 1],
        ["9", 2],
      ]),
      '{"10": 1, "9": 2}',
    ],
  ])("writes %j in one line as Python does", (value, text) => {
    expect(stringify(value)).toBe(text);
  });

  test("indents, keeping empty containers in one line", () => {
    expect(stringify({ a: { b: [1, {}], c: [] } }, { indent: 4 })).toBe(
      '{\n    "a": {\n        "b": [\n            1,\n            {}\n        ],\n        "c": []\n    }\n}',
    );
  });

  test("sorts keys by code point, at every level", () => {
    const keys = ["\ue000", "\u{10000}", "é", "z", "b", "a_b", "a-b", "B", "9", "10", ""];
    const value = { x: Object.fromEntries(keys.map((key) => [key, 0])) };
    const sorted = [
      ...(parse(stringify(value, { sortKeys: true })) as Map<string, Map<string, Json>>).get("x")!.keys(),
    ];
    expect(sorted).toEqual(["", "10", "9", "B", "a-b", "a_b", "b", "z", "é", "\ue000", "\u{10000}"]);
  });

  test.each([
    ["\n\r\t\b\f", String.raw`"\n\r\t\b\f"`],
    ['"\\/', String.raw`"\"\\/"`],
    ["\0\u001b\u007f\u00a0\u2028", String.raw`"\u0000\u001b\u007f\u00a0\u2028"`],
    ["é€😀", String.raw`"\u00e9\u20ac\ud83d\ude00"`],
    ["\ud800", String.raw`"\ud800"`],
    ["__proto__", '"__proto__"'],
  ])("escapes everything outside printable ASCII in %j", (text, written) => {
    expect(stringify(text)).toBe(written);
  });

  test.each<[number | bigint | Float, string]>([
    [0, "0"],
    [-0, "0"],
    [2 ** 53, "9007199254740992"],
    [1e21, "1000000000000000000000"],
    [12345678901234567890n, "12345678901234567890"],
    [0.1, "0.1"],
    [-0.5, "-0.5"],
    [1e-4, "0.0001"],
    [1.5e-5, "1.5e-05"],
    [5e-324, "5e-324"],
    [123456.789, "123456.789"],
    [new Float(1), "1.0"],
    [new Float(-0), "-0.0"],
    [new Float(1e15), "1000000000000000.0"],
    [new Float(1e16), "1e+16"],
    [new Float(1.5e300), "1.5e+300"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
  ])("writes the number %p as %s", (value, text) => {
    expect(stringify(value)).toBe(text);
  });

  test.each([[() => 1], [Symbol("x")], [new Date(0)]])("refuses %p, for which JSON has no form", (value) => {
    expect(() => stringify({ value })).toThrow(TypeError);
  });
});

describe("parse", () => {
  test.each([
    '{"b": 1, "a": 1.0, "10": 12345678901234567890, "9": 1e3}',
    "[1, 1.0, -0.0, 1e+16, 0.1, NaN, Infinity, -Infinity, null, true, false]",
    String.raw`"\"\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00\ud800"`,
    " \t\r\n[ ] ",
  ])("loses nothing of %s", (text) => {
    const compact = (json: string) => json.replaceAll("1e3", "1000.0").replaceAll("\\u0041", "A").trim();
    expect(stringify(parse(text))).toBe(compact(text).replace("[ ]", "[]"));
  });

  test("keeps the last value of a repeated key, in the place of the first", () => {
    expect(stringify(parse('{"a": 1, "b": 2, "a": 3}'))).toBe('{"a": 3, "b": 2}');
  });

  test.each([
    ["", "unexpected end", 1, 1],
    ["{", "expected a key in double quotes", 1, 2],
    ["{a: 1}", "expected a key in double quotes", 1, 2],
    ['{"a" 1}', "expected ':'", 1, 6],
    ['{"a": 1,\n "b": }', "expected a value", 2, 7],
    ["[1 2]", "expected ',' or ']'", 1, 4],
    ["[1,]", "expected a value", 1, 4],
    ["1 2", "unexpected text after the end", 1, 3],
    ['"abc', "unterminated string", 1, 5],
    ['"a\nb"', "control character in a string", 1, 3],
    [String.raw`"\x"`, "unknown escape in a string", 1, 3],
    [String.raw`"\u12g4"`, "expected four hexadecimal digits after \\u", 1, 3],
    ["01", "unexpected text after the end", 1, 2],
    ["nul", "expected a value", 1, 1],
  ])("says what is wrong with %j, and where", (text, reason, line, column) => {
    const error = (() => {
      try {
        return parse(text);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(JsonSyntaxError);
    expect(error).toMatchObject({ reason, line, column });
  });

  test("refuses nesting that would exhaust the stack", () => {
    expect(() => parse("[".repeat(100_000))).toThrow("levels of nesting");
  });
});

describe("plain", () => {
  test("gives ordinary data", () => {
    expect(plain(parse('{"a": [1.0, 12345678901234567890, {"b": null}]}'))).toEqual({
      a: [1, 12345678901234567000, { b: null }],
    });
  });

  test("makes a key __proto__ a property like any other", () => {
    const value = plain(parse('{"__proto__": {"admin": true}}')) as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(value.admin).toBeUndefined();
  });
});
