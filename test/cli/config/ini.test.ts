import { describe, expect, test } from "bun:test";
import { setValue, unsetValue, UnwritableSetting } from "../../../src/cli/config/ini-edit.ts";
import { sectionValues } from "../../../src/cli/config/ini-values.ts";
import { IniSyntaxError, parseIni } from "../../../src/cli/config/ini.ts";

const valuesOf = (text: string) => Object.fromEntries(sectionValues(parseIni(text), "s"));

/** Every expectation is what Python's `configparser.ConfigParser` reads. */
describe("reading", () => {
  test.each([
    ["", {}],
    ["[other]\na = 1", {}],
    ["[s]\na = 1\nb: 2\nc=3", { a: "1", b: "2", c: "3" }],
    ["[s]\nKey = 1", { key: "1" }],
    ["[s]\na b =  x  ", { "a b": "x" }],
    ["[s]\na = b = c", { a: "b = c" }],
    ["[s]\na: b = c", { a: "b = c" }],
    ["[s]\na =", { a: "" }],
    ["# c\n[s]\n; d\n  # e\na = 1", { a: "1" }],
    ["[s]\na = 1 # no comment", { a: "1 # no comment" }],
    ["[s]\na = 1\n  two\n\tthree", { a: "1\ntwo\nthree" }],
    ["[s]\na = 1\n\n  two\n\nb = 2", { a: "1\n\ntwo", b: "2" }],
    ["[s]\na = 1\n  # c\n  two", { a: "1\ntwo" }],
    ["[s]\n a = 1\n b = 2", { a: "1", b: "2" }],
    ["[s]\na =\n  [x]\n  y = z", { a: "\n[x]\ny = z" }],
    ["[s] ignored\na = 1", { a: "1" }],
    ["[s]\r\na = 1\rb = 2", { a: "1", b: "2" }],
    ["[DEFAULT]\na = 1\nb = 2\n[s]\nb = 3", { a: "1", b: "3" }],
    ["[DEFAULT]\na = 1\n[DEFAULT]\nb = 2\n[s]", { a: "1", b: "2" }],
    ["[s]\na = 5%%", { a: "5%" }],
    ["[s]\na = x\nb = %(A)s/%(a)s%%", { a: "x", b: "x/x%" }],
    ["[DEFAULT]\nb = %(a)s\n[s]\na = x", { b: "x", a: "x" }],
  ])("reads %j", (text, values) => {
    expect(valuesOf(text)).toEqual(values as Record<string, string>);
  });

  test.each([
    ["a = 1", 1, "before the first [section]"],
    ["[s]\na = 1\nnonsense", 3, 'expected "key = value"'],
    ["[s]\n= 1", 2, "a key is missing"],
    ["[s]\na = 1\nA = 2", 3, '"a" occurs twice'],
    ["[s]\n[t]\n[s]", 3, "[s] occurs twice"],
    ["[s]\na = 1\nb = 5%", 3, '"%" stands alone'],
    ["[s]\na = %(b)s", 2, '"%(b)s" names no key'],
    ["[s]\na = %(a)s", 2, "never comes to an end"],
  ])("names the line of what is wrong with %j", (text, line, reason) => {
    let error: unknown;
    try {
      valuesOf(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(IniSyntaxError);
    expect(error).toMatchObject({ line, reason: expect.stringContaining(reason) as string });
  });
});

describe("writing", () => {
  test.each([
    ["", "[s]\nk = v\n\n"],
    ["# c\n[t]\na = 1\n", "# c\n[t]\na = 1\n\n[s]\nk = v\n\n"],
    ["[t]\na = 1", "[t]\na = 1\n\n[s]\nk = v\n\n"],
    ["# c\n[s]\na = 1\n\n[t]\nk = 2\n", "# c\n[s]\na = 1\nk = v\n\n[t]\nk = 2\n"],
    ["[s]\n", "[s]\nk = v\n"],
    ["[s]", "[s]\nk = v\n"],
    ["[s]\n# before\nK: old\n# after\na = 1\n", "[s]\n# before\nk = v\n# after\na = 1\n"],
    ["[s]\nk = old\n  and more\n\n# c\nb = 1\n", "[s]\nk = v\n\n# c\nb = 1\n"],
  ])("changes one key of %j and leaves the rest alone", (before, after) => {
    expect(setValue(before, "s", "k", "v")).toBe(after);
  });

  test.each(["", "x=y", "5%", "%(a)s", "# x", "a : b", "one\ntwo", "[x]", "\u00e9"])(
    "reads back the value %j",
    (value) => {
      expect(valuesOf(setValue("[s]\na = 1\n", "s", "k", value))).toEqual({ a: "1", k: value });
    },
  );

  test.each(["", "[k]", "#k", ";k", "a:b", "a\nb"])(
    "refuses the key %j, which would be read as something else",
    (key) => {
      expect(() => setValue("", "s", key, "v")).toThrow(UnwritableSetting);
    },
  );

  test("refuses a value with a line that would be read as a comment", () => {
    expect(() => setValue("", "s", "k", "one\n# two")).toThrow(UnwritableSetting);
  });

  test("does not touch a broken file", () => {
    expect(() => setValue("nonsense", "s", "k", "v")).toThrow(IniSyntaxError);
  });

  test("removes a key with its continuation lines, and nothing else", () => {
    expect(unsetValue("# c\n[s]\na = 1\nK = x\n  y\nb = 2\n", "s", "k")).toBe("# c\n[s]\na = 1\nb = 2\n");
  });

  test.each(["", "[t]\nk = 1\n", "[DEFAULT]\nk = 1\n[s]\n"])("removes nothing from %j", (text) => {
    expect(unsetValue(text, "s", "k")).toBeUndefined();
  });
});
