import { describe, expect, test } from "bun:test";
import { CliError } from "../../../src/cli/errors.ts";
import { stringify } from "../../../src/cli/format/python-json.ts";
import { parseJob } from "../../../src/cli/job-file/parse.ts";

/** The job as it would be sent. */
const sent = (text: string, name = "job.yaml") => stringify(parseJob(text, name));

function problemOf(text: string, name = "job.yaml"): string {
  try {
    parseJob(text, name);
  } catch (error) {
    if (error instanceof CliError) return error.message;
    throw error;
  }
  throw new Error("nothing was wrong");
}

describe("YAML 1.1 scalars (command-line section 7.1)", () => {
  const table: [written: string, sent: string][] = [
    ...["yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"].map((word): [string, string] => [word, "true"]),
    ...["no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"].map((word): [string, string] => [
      word,
      "false",
    ]),
    ...["y", "n", "Y", "N", "yEs", "tRue", "oN"].map((word): [string, string] => [word, `"${word}"`]),
    ...["~", "null", "Null", "NULL", ""].map((word): [string, string] => [word, "null"]),
    ["nULL", '"nULL"'],
    ["010", "8"],
    ["-010", "-8"],
    ["08", '"08"'],
    ["0o10", '"0o10"'],
    ["0", "0"],
    ["-0", "0"],
    ["+7", "7"],
    ["0x1f", "31"],
    ["-0x1F", "-31"],
    ["0b11", "3"],
    ["1_000", "1000"],
    ["1:30", "90"],
    ["-1:30", "-90"],
    ["190:20:30", "685230"],
    ["1:60", '"1:60"'],
    ["1:30.5", "90.5"],
    ["12345678901234567890", "12345678901234567890"],
    ["1e3", '"1e3"'],
    ["1.0e3", '"1.0e3"'],
    ["1.0e+3", "1000.0"],
    ["1.5", "1.5"],
    ["1.", "1.0"],
    [".5", "0.5"],
    ["-.5", '"-.5"'],
    ["1_0.5", "10.5"],
    ["1.2.3", '"1.2.3"'],
    ["'no'", '"no"'],
    ['"2024-01-01"', '"2024-01-01"'],
    ["!!str 5", '"5"'],
    ['!!int "5"', "5"],
    ["!!float 3", "3.0"],
    ["!!bool 'on'", "true"],
    ["!!null ''", "null"],
    ["! 5", "5"],
    ["=", '"="'],
    ["http://x/y:z", '"http://x/y:z"'],
    ["a b # c", '"a b"'],
  ];
  test.each(table)("%j is sent as %s", (written, value) => {
    expect(sent(`x: ${written}\n`)).toBe(`{"x": ${value}}`);
  });

  test.each([
    ["2024-01-01", "would be read as a date, which cannot be sent: put it in quotes"],
    ["2024-01-01 10:00:00", "would be read as a date"],
    ["2024-1-1T1:00:00Z", "would be read as a date"],
    [".inf", "cannot be sent: put it in quotes"],
    ["-.INF", "cannot be sent"],
    [".NaN", "cannot be sent"],
    ["0b_", "has no digits"],
    ["!!int x", '"x" is not a value of the tag !!int'],
    ["!!binary aGk=", "the tag tag:yaml.org,2002:binary is not allowed"],
    ["!!python/object/apply:os.system ['true']", "is not allowed in a job"],
    ["!own {a: 1}", "the tag !own is not allowed"],
    ["!!set {a}", "is not allowed"],
  ])("%s cannot be sent, and the message says where", (written, reason) => {
    expect(problemOf(`job_queue: q\nx: ${written}\n`)).toMatch(/^job\.yaml:2:\d+: /);
    expect(problemOf(`job_queue: q\nx: ${written}\n`)).toContain(reason);
  });
});

describe("YAML structure", () => {
  test.each([
    ["a: 1\na: 2", '{"a": 2}'],
    ["1: one\ntrue: yes it is\n1.0: last", '{"1": "last"}'],
    ['1: one\n"1": text', '{"1": "text"}'],
    ["1.5: a\n~: b\nyes: c\n? d\n", '{"1.5": "a", "null": "b", "true": "c", "d": null}'],
    [
      "b: &x {a: 1, b: 2}\nc: {<<: *x, b: 3}\nd: *x",
      '{"b": {"a": 1, "b": 2}, "c": {"a": 1, "b": 3}, "d": {"a": 1, "b": 2}}',
    ],
    [
      "a: &x {k: 1}\nb: &y {k: 2, l: 2}\nc:\n  <<: [*x, *y]\n",
      '{"a": {"k": 1}, "b": {"k": 2, "l": 2}, "c": {"k": 1, "l": 2}}',
    ],
    ["a: &x [1]\nb: [*x, *x]", '{"a": [1], "b": [[1], [1]]}'],
    ['"<<": 1', '{"<<": 1}'],
    [
      "a: |\n  one\n    two\n\nb: >\n  folded\n  text\n\n  para\nc: |-\n  x\nd: |+\n  x\n\n",
      String.raw`{"a": "one\n  two\n", "b": "folded text\npara\n", "c": "x", "d": "x\n\n"}`,
    ],
    ["a: [\n  1,\n]", '{"a": [1]}'],
    ["--- # c\na: 1\n...\n", '{"a": 1}'],
    ["%YAML 1.2\n---\na: no", '{"a": false}'],
    ["\ufeffa: 1", '{"a": 1}'],
  ])("reads %j", (text, value) => {
    expect(sent(text)).toBe(value);
  });

  test.each([
    ["x: [1,\n", 2, "a closing bracket is missing"],
    ['x: "a\n', 2, "a closing quote is missing"],
    ["a: 1\n\tb: 2", 2, "tabs cannot be used for indentation"],
    ["a: 1\n---\nb: 2\n", 2, "a second one begins"],
    ["a: 1\nb: *x", 2, "no anchor &x comes before"],
    ["a: 1\nb: &x [*x]", 2, "cannot contain an alias to itself"],
    ["a: 1\n? [1]\n: x", 2, "a key cannot be a mapping or a list"],
    ["a: 1\n.inf: x", 2, ".inf is a number that cannot be sent"],
    ["a: 1\n<<: 5", 2, "only a mapping or a list of mappings can be merged"],
    ["a: 1\n<<: [5]", 2, "only mappings can be merged"],
    ["a: 1\nb: c: d", 2, "Nested mappings are not allowed"],
  ])("says in one line what is wrong with %j (W20)", (text, line, reason) => {
    expect(problemOf(text)).toMatch(new RegExp(`^job\\.yaml:${line}:\\d+: `));
    expect(problemOf(text)).toContain(reason);
    expect(problemOf(text)).not.toContain("\n");
  });

  test.each([
    ["", "the job is empty"],
    ["# nothing\n", "the job is empty"],
    ["- a\n", "but this is a list"],
    ["hello", "but this is a single value"],
  ])("refuses %j, which is no job", (text, reason) => {
    expect(problemOf(text)).toStartWith("job.yaml: ");
    expect(problemOf(text)).toContain(reason);
  });

  test("refuses aliases that multiply without measure", () => {
    const levels = Array.from({ length: 9 }, (_, i) => `l${i + 1}: &l${i + 1} [${`*l${i}, `.repeat(9)}*l${i}]`);
    expect(problemOf(`l0: &l0 [1]\n${levels.join("\n")}`)).toContain("too many aliases");
  });

  test("refuses nesting that would exhaust the stack", () => {
    expect(problemOf(`a: ${"[".repeat(20_000)}`)).toContain("nested too deeply");
  });
});

describe("JSON", () => {
  test("is read as JSON, without loss and with tabs", () => {
    expect(sent('{\n\t"a": 1e3,\n\t"b": "\\u00e9",\n\t"c": 12345678901234567890}')).toBe(
      '{"a": 1000.0, "b": "\\u00e9", "c": 12345678901234567890}',
    );
  });

  test("in a file of that name is told its own errors", () => {
    expect(problemOf('{"a": 1,\n "b": }', "job.json")).toBe("job.json:2:7: expected a value");
  });

  test("may be a YAML mapping in braces after all", () => {
    expect(sent("{job_queue: q, x: no}")).toBe('{"job_queue": "q", "x": false}');
  });
});
