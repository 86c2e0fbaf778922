import { describe, expect, test } from "bun:test";
import { parse } from "../../../src/cli/format/python-json.ts";
import { dumpYaml } from "../../../src/cli/format/yaml.ts";

const dump = (json: string) => dumpYaml(parse(json));
const words = (count: number) => Array.from({ length: count }, () => "word").join(" ");

/** What PyYAML 6 writes with `indent=4, sort_keys=True` and the reference's representer of texts. */
describe("dumpYaml", () => {
  test.each([
    ["null", "null\n...\n"],
    ['"x"', "x\n...\n"],
    ["1.5", "1.5\n...\n"],
    ["{}", "{}\n"],
    ["[]", "[]\n"],
    ['""', "''\n"],
    ['{"b": 1, "a": 2}', "a: 2\nb: 1\n"],
    ['{"a": [1, 2]}', "a:\n- 1\n- 2\n"],
    ['{"a": {"b": [1]}}', "a:\n    b:\n    - 1\n"],
    ['[[1, [2]], {"a": 1, "b": []}, {}]', "-   - 1\n    -   - 2\n-   a: 1\n    b: []\n- {}\n"],
    ['{"": 1}', "? ''\n: 1\n"],
    ['{"a\\nb": [1]}', "? |\n    a\n    b\n:   - 1\n"],
    ['{"a\\nb": {"c": 1}}', "? |\n    a\n    b\n:   c: 1\n"],
    [`{"${"k".repeat(122)}": 1}`, `${"k".repeat(122)}: 1\n`],
    [`{"${"k".repeat(123)}": 1}`, `? ${"k".repeat(123)}\n: 1\n`],
  ])("lays out %s", (json, yaml) => {
    expect(dump(json)).toBe(yaml);
  });

  test.each([
    ["1", "1"],
    ["1.0", "1.0"],
    ["1e16", "1.0e+16"],
    ["1e-7", "1.0e-07"],
    ["12345678901234567890", "12345678901234567890"],
    ["NaN", ".nan"],
    ["-Infinity", "-.inf"],
    ["true", "true"],
  ])("writes the scalar %s as %s", (json, yaml) => {
    expect(dump(`[${json}]`)).toBe(`- ${yaml}\n`);
  });

  test.each([
    ..."yes No ON off true FALSE null ~ 10 010 0x1f 0b11 1_000 1:30 1.5 .5 1.0e+3 .inf .NaN 2024-01-01 = <<".split(" "),
    ..."-,?,: ,#x,[x,{x,*x,&x,!x,|x,>x,%x,@x,`x,---,... x,a: b,a #b,x:, lead,trail ".split(","),
    "2024-1-1 10:00:00",
    ",x",
    '"x"',
  ])("quotes %j, which would read back as something else", (text) => {
    expect(dump(JSON.stringify([text]))).toBe(`- '${text.replaceAll("'", "''")}'\n`);
  });

  test.each("y n 1e3 0o10 1.2.3 a#b a:b -x ?x :x it's x,y 12:30:45a http://x".split(" "))("leaves %j plain", (text) => {
    expect(dump(JSON.stringify([text]))).toBe(`- ${text}\n`);
  });

  test.each([
    ["é€😀", String.raw`"\xE9\u20AC\U0001F600"`],
    ["tab\there", String.raw`"tab\there"`],
    ['"\\\u00e9', String.raw`"\"\\\xE9"`],
    ["\0\u0007\b\v\f\r\u001b\u007f", String.raw`"\0\a\b\v\f\r\e\x7F"`],
    ["\u0085\u00a0\u2028\u2029\ufeff", String.raw`"\N\_\L\P\uFEFF"`],
  ])("escapes %j in double quotes", (text, yaml) => {
    expect(dump(JSON.stringify([text]))).toBe(`- ${yaml}\n`);
  });

  test.each([
    ["one\ntwo", "a: |\n    one\n    two\n"],
    ["one\n\n\ntwo\n\n", "a: |+\n    one\n\n\n    two\n\n...\n"],
    ["  lead\nx\n", "a: |4\n      lead\n    x\n"],
    ["trail  \nx\t \n", "a: |\n    trail\n    x\n"],
    ["\n", "a: |4+\n\n...\n"],
    ["\nx", "a: |4\n\n    x\n"],
    ["a\r\nb\rc\n", "a: |\n    a\n    b\n    c\n"],
    ["a\u2028b\n", "a: |\n    a\n    b\n"],
    ["é\nx", String.raw`a: "\xE9\nx\n"` + "\n"],
    ["a\tb\nx", String.raw`a: "a\tb\nx\n"` + "\n"],
  ])("writes the lines of %j as a literal block if it can hold them", (text, yaml) => {
    expect(dump(JSON.stringify({ a: text }))).toBe(yaml);
  });

  test.each([
    [words(20), `- ${words(16)}\n    ${words(4)}\n`],
    [`it: ${words(20)}`, `- 'it: ${words(15)}\n    ${words(5)}'\n`],
    [`é ${words(20)}`, `- "\\xE9 ${words(15)}\\\n    \\ ${words(5)}"\n`],
    ["x".repeat(200), `- ${"x".repeat(200)}\n`],
    [`${"x".repeat(100)}  y`, `- ${"x".repeat(100)}  y\n`],
  ])("wraps %j at the first single blank behind column 80", (text, yaml) => {
    expect(dump(JSON.stringify([text]))).toBe(yaml);
  });

  test("takes linear time for long runs of blanks", () => {
    const blanks = " ".repeat(200_000);
    expect(dumpYaml(`a\n${blanks}x\n`)).toContain("x\n");
  });
});
