import { expect, test } from "bun:test";
import { pythonLiteral } from "../../../src/cli/api/python-literal.ts";
import { parse } from "../../../src/cli/format/json-parser.ts";

const rows: [json: string, literal: string][] = [
  ["null", "None"],
  ["[true, false]", "[True, False]"],
  ["[1, -2, 1.5, 1.0, 1e100, 12345678901234567890]", "[1, -2, 1.5, 1.0, 1e+100, 12345678901234567890]"],
  ["[NaN, Infinity, -Infinity]", "[nan, inf, -inf]"],
  ['"plain"', "'plain'"],
  ['"it\'s"', '"it\'s"'],
  ['"say \\"x\\""', "'say \"x\"'"],
  ['"both \' and \\""', "'both \\' and \"'"],
  ['"back\\\\slash"', "'back\\\\slash'"],
  ['"a\\n\\r\\t\\u0000\\u007f"', "'a\\n\\r\\t\\x00\\x7f'"],
  ['"é\\u00a0\\u200b\\u3000 😀"', "'é\\xa0\\u200b\\u3000 😀'"],
  ['"\\ud800"', "'\\ud800'"],
  ["[]", "[]"],
  ["{}", "{}"],
  ['{"10": {"a": []}, "2": null}', "{'10': {'a': []}, '2': None}"],
];

test.each(rows)("%s is written %s", (json, literal) => {
  expect(pythonLiteral(parse(json))).toBe(literal);
});
