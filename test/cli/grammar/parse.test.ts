import { describe, expect, test } from "bun:test";
import { UsageError } from "../../../src/cli/errors.ts";
import type { Arguments } from "../../../src/cli/grammar/command.ts";
import { parse } from "../../../src/cli/grammar/parse.ts";
import { integer } from "../../../src/cli/grammar/values.ts";

const poll = {
  oneshot: { type: "boolean", alias: "o", description: "" },
  start_fragment: { type: "string", alias: "f", read: integer, default: 0, description: "" },
  start_timestamp: { type: "string", alias: "t", description: "" },
  phase: { type: "string", alias: "p", options: ["setup", "test"], description: "" },
  "client-id": { type: "string", alias: "client_id", description: "" },
  job_id: { type: "positional", description: "" },
} as const satisfies Arguments;

const words = (line: string) => line.split(" ").filter(Boolean);

/** The options that a command line gives, without defaults. */
function given(line: string | string[], args: Arguments = poll) {
  const { options, given: keys } = parse({ args }, typeof line === "string" ? words(line) : line);
  const camel = (key: string) => key.replace(/[-_](.)/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Array.from(keys, (key) => [camel(key), options[camel(key)]]));
}

function usageError(line: string | string[], args: Arguments = poll, exclusive: string[][] = []) {
  try {
    parse({ args, exclusive }, typeof line === "string" ? words(line) : line);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message;
  }
  throw new Error("no usage error");
}

test("an abbreviation means the option that does not give way, and the other one where only that fits", () => {
  const args = {
    oneshot: { type: "boolean", description: "" },
    output: { type: "string", description: "", givesWay: true },
    outline: { type: "boolean", description: "", givesWay: true },
  } as const;
  expect(parse({ args }, ["--o"]).options).toMatchObject({ oneshot: true, output: undefined });
  expect(parse({ args }, ["--outp", "x"]).options).toMatchObject({ oneshot: false, output: "x" });
  expect(() => parse({ args }, ["--ou"])).toThrow("ambiguous option: --ou could match --output, --outline");
});

describe("spellings of options", () => {
  test.each<[string, Record<string, unknown>]>([
    ["J --start_fragment 3", { jobId: "J", startFragment: 3 }],
    ["J --start_fragment=3", { jobId: "J", startFragment: 3 }],
    ["J -f 3", { jobId: "J", startFragment: 3 }],
    ["J -f3", { jobId: "J", startFragment: 3 }],
    ["J -f=3", { jobId: "J", startFragment: 3 }],
    ["-of3 J", { jobId: "J", oneshot: true, startFragment: 3 }],
    ["-of 3 J", { jobId: "J", oneshot: true, startFragment: 3 }],
    ["--one J", { jobId: "J", oneshot: true }],
    ["--start_f=7 J", { jobId: "J", startFragment: 7 }],
    ["--client-id a J", { jobId: "J", clientId: "a" }],
    ["--client_id a J", { jobId: "J", clientId: "a" }],
    ["--client-id= J", { jobId: "J", clientId: "" }],
    ["-f 1 J -f 2", { jobId: "J", startFragment: 2 }],
    ["-f -1 J", { jobId: "J", startFragment: -1 }],
    ["-t - J", { jobId: "J", startTimestamp: "-" }],
    ["-- -J", { jobId: "-J" }],
    ["-t -- -x J", { jobId: "J", startTimestamp: "-x" }],
  ])("%s", (line, expected) => expect(given(line)).toEqual(expected));

  test("defaults stand where nothing was given", () => {
    expect(parse({ args: poll }, ["J"]).options).toEqual({
      oneshot: false,
      startFragment: 0,
      startTimestamp: undefined,
      phase: undefined,
      clientId: undefined,
      jobId: "J",
    });
  });

  test("a word with a blank is a value even when it begins with a hyphen", () => {
    expect(given(["-t", "-1 day", "J"])).toEqual({ startTimestamp: "-1 day", jobId: "J" });
  });
});

describe("what is wrong with a command line", () => {
  test.each([
    ["", "the following arguments are required: job_id"],
    ["J -f", "argument -f/--start_fragment: expected one argument"],
    ["J -f --oneshot", "argument -f/--start_fragment: expected one argument"],
    ["J -f abc", "argument -f/--start_fragment: invalid int value: 'abc'"],
    ["J --phase nope", "argument -p/--phase: invalid choice: 'nope' (choose from 'setup', 'test')"],
    ["J --start 3", "ambiguous option: --start could match --start_fragment, --start_timestamp"],
    ["J --client x", "ambiguous option: --client could match --client-id, --client_id"],
    ["J --oneshot=yes", "argument -o/--oneshot: ignored explicit argument 'yes'"],
    ["J -ox", "argument -o/--oneshot: ignored explicit argument 'x'"],
  ])("%s", (line, message) => expect(usageError(line)).toBe(message));

  test("a number below zero is no value where -1 is an option", () => {
    const args = { "1": { type: "boolean", description: "" }, n: { type: "string", description: "" } } as const;
    expect(given("-1", args)).toEqual({ "1": true });
    expect(usageError("-n -1", args)).toBe("argument -n: expected one argument");
  });

  test("options that exclude each other name both", () => {
    const args = { "1": { type: "boolean", description: "" }, summary: { type: "boolean", description: "" } } as const;
    expect(usageError("-1 --summary", args, [["1", "summary"]])).toBe(
      "argument --summary: not allowed with argument -1",
    );
  });

  test("an option may be repeated although it excludes others", () => {
    const args = { a: { type: "boolean", description: "" }, b: { type: "boolean", description: "" } } as const;
    expect(parse({ args, exclusive: [["a", "b"]] }, ["-a", "-a"]).options).toEqual({ a: true, b: false });
  });

  test("required options are named by all their spellings, in the order of the declaration", () => {
    const args = {
      status: { type: "string", required: true, description: "" },
      agents: { type: "string", alias: "a", required: true, collect: "greedy", description: "" },
    } as const;
    expect(usageError("", args)).toBe("the following arguments are required: --status, -a/--agents");
  });
});

describe("what fits nothing", () => {
  test.each<[string, string[]]>([
    ["J more", ["more"]],
    ["J --nope", ["--nope"]],
    ["J --nope=1 -x", ["--nope=1", "-x"]],
    ["J --start-fragment 1", ["--start-fragment", "1"]],
  ])("%s", (line, expected) => expect(parse({ args: poll }, words(line)).unrecognised).toEqual(expected));
});

describe("options that collect", () => {
  const each = { key: { type: "string", alias: "k", collect: "each", description: "" } } as const;
  const greedy = {
    agents: { type: "string", collect: "greedy", description: "" },
    comment: { type: "string", description: "" },
  } as const;

  test("every occurrence adds one value", () =>
    expect(given("-k a -kb --key=c", each)).toEqual({ key: ["a", "b", "c"] }));

  test("a greedy option takes words up to the next option", () => {
    const line = "--agents a b --comment c --agents d";
    expect(given(line, greedy)).toEqual({ agents: ["a", "b", "d"], comment: "c" });
  });

  test("a greedy option with an attached value takes just that", () => {
    expect(parse({ args: greedy }, ["--agents=a", "b"]).unrecognised).toEqual(["b"]);
  });

  test("a greedy option wants one word at least", () => {
    expect(usageError("--agents --comment c", greedy)).toBe("argument --agents: expected at least one argument");
  });
});

describe("help", () => {
  test.each(["-h", "--help", "--he", "-oh", "J -h --nope"])("%s asks for help", (line) => {
    expect(parse({ args: poll }, words(line)).help).toBeTrue();
  });

  test("an error before it comes first", () => expect(usageError("-f x -h")).toContain("invalid int value"));
});

describe("integers", () => {
  test.each<[string, number]>([
    ["7", 7],
    ["+5", 5],
    ["-5", -5],
    ["1_000", 1000],
    ["007", 7],
    [" 7 ", 7],
  ])("%p is %p", (text, value) => expect(integer(text)).toBe(value));

  test.each(["", " ", "1.5", "0x10", "1__0", "_1", "1_", "--1", "1e3", "99999999999999999999"])(
    "%p is none",
    (text) => {
      expect(() => integer(text)).toThrow("invalid int value");
    },
  );
});

describe("a positional that takes many words", () => {
  const cancel = {
    force: { type: "boolean", alias: "f", description: "" },
    job_id: { type: "positional", collect: "each", description: "" },
  } as const satisfies Arguments;

  test.each<[string, Record<string, unknown>]>([
    ["a", { jobId: ["a"] }],
    ["a b -f c", { jobId: ["a", "b", "c"], force: true }],
    ["-- a -f", { jobId: ["a", "-f"] }],
  ])("%s", (line, expected) => expect(given(line, cancel)).toEqual(expected));

  test("wants one at least", () => {
    expect(usageError("-f", cancel)).toBe("the following arguments are required: job_id");
  });
});
