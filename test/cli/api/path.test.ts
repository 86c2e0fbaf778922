import { describe, expect, test } from "bun:test";
import { path, query } from "../../../src/cli/api/path.ts";
import { CliError } from "../../../src/cli/errors.ts";

describe("a path", () => {
  const rows: [value: string, encoded: string][] = [
    ["2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11", "2f1b7c1e-6a44-4a0e-9a53-0d6f5a3c9e11"],
    ["../agents/data/a1", "..%2Fagents%2Fdata%2Fa1"],
    ["a?b#c", "a%3Fb%23c"],
    ["100%", "100%25"],
    ["olga@example.com", "olga@example.com"],
    ["a+b:c", "a+b:c"],
    ["a b\n", "a%20b%0A"],
    ["é", "%C3%A9"],
    ["\\..\\", "%5C..%5C"],
    ["\ud800", "%EF%BF%BD"],
    ["", ""],
  ];
  test.each(rows)("takes %j as one segment", (value, encoded) => {
    const target = path`/v1/job/${value}/position`;
    expect(target).toBe(`/v1/job/${encoded}/position`);
    expect(new URL(`http://host${target}`).pathname).toBe(target);
  });

  test("takes an array as one segment per item", () => {
    expect(path`/v1/secrets/${"me"}/${["a", "b/c"]}`).toBe("/v1/secrets/me/a/b%2Fc");
  });

  test.each([".", ".."])("refuses %j, which would be resolved away", (value) => {
    expect(() => path`/v1/job/${value}`).toThrow(CliError);
    expect(() => path`/v1/secrets/me/${["a", value]}`).toThrow(`'${value}' cannot be used as a name or an id`);
  });
});

describe("a query", () => {
  test("keeps the order and encodes what Python encodes", () => {
    const parameters = query([
      ["start_fragment", 3],
      ["start_timestamp", "2026-11-23T10:20:30+02:00"],
      ["phase", undefined],
    ]);
    expect(parameters).toBe("?start_fragment=3&start_timestamp=2026-11-23T10%3A20%3A30%2B02%3A00");
  });

  test("is nothing without parameters", () => {
    expect(query([["phase", undefined]])).toBe("");
  });
});
