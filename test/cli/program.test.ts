import { describe, expect, test } from "bun:test";
import { COMMANDS } from "../../src/cli/commands/index.ts";
import { CliError, LoggedError, UsageError } from "../../src/cli/errors.ts";
import { type Arguments, type Command, defineCommand, type Entry, isGroup } from "../../src/cli/grammar/command.ts";
import { PROGRAM_OPTIONS } from "../../src/cli/grammar/command-line.ts";
import { namedArguments } from "../../src/cli/grammar/option-table.ts";
import { main } from "../../src/cli/program.ts";
import { OutputClosed } from "../../src/cli/runtime/output.ts";
import { VERSION } from "../../src/shared/version.ts";
import { World, type WorldOptions } from "./support/world.ts";

const SERVER = { TESTFLINGER_SERVER: "http://127.0.0.1:1" };

async function run(words: string[], options: WorldOptions & { startedAs?: string; commands?: typeof COMMANDS } = {}) {
  using world = new World({ ...options, env: { ...SERVER, ...options.env } });
  const exit = await main(words, options.startedAs ?? "testflinger", world.context, options.commands);
  return { exit, stdout: world.stdout, stderr: world.stderr };
}

/** A program with one command, which takes one argument. */
const looking: typeof COMMANDS = {
  look: {
    summary: "Look at something",
    load: async () => ({
      default: defineCommand({
        meta: { name: "look", description: "Look at something" },
        args: { thing: { type: "positional", description: "thing to look at" } },
        run: async () => undefined,
      }),
    }),
  },
};

/** A program with one command, which fails in some way. */
function failing(error: unknown): typeof COMMANDS {
  const command = defineCommand({
    meta: { name: "fail", description: "Fail" },
    run: async () => {
      throw error;
    },
  });
  return { fail: { summary: "Fail", load: async () => ({ default: command }) } };
}

test.each([
  ["http://lab.example.com", 1, "http://lab.example.com is not encrypted, and require_https is set."],
  ["http://127.0.0.1:1", 1, "Unable to communicate with specified server."],
  ["https://127.0.0.1:1", 1, "Unable to communicate with specified server."],
])("with require_https, %s is refused only where others could listen (W12)", async (server, exit, message) => {
  const fetch = async () => {
    throw Object.assign(new TypeError("refused"), { code: "ECONNREFUSED" });
  };
  const env = { TESTFLINGER_SERVER: server, TESTFLINGER_REQUIRE_HTTPS: "true" };
  const outcome = await run(["cancel", "j"], { env, fetch });
  expect(outcome.exit).toBe(exit);
  expect(outcome.stderr).toStartWith(message);
});

test.each([
  [["sbmit", "job.yaml"], "'help', 'version'); did you mean 'submit'?\n"],
  [["admin", "delet", "client-permissions"], "(choose from 'set', 'get', 'delete'); did you mean 'delete'?\n"],
])("a slip of the fingers is told with what was meant: %j", async (words, end) => {
  const { exit, stderr } = await run(words);
  expect(exit).toBe(2);
  expect(stderr).toEndWith(end);
});

describe("how a command ends", () => {
  test.each<[string, unknown, number, string]>([
    ["an error with its message", new CliError("why"), 1, "why\n"],
    ["an error of several lines", new CliError("why\nand what to do"), 1, "why\nand what to do\n"],
    ["an error with another status", new CliError("why", 7), 7, "why\n"],
    ["a reader that has gone away, quietly", new OutputClosed(), 1, ""],
  ])("with %s", async (_, error, exit, stderr) => {
    expect(await run(["fail"], { commands: failing(error) })).toEqual({ exit, stdout: "", stderr });
  });

  test("with a log line where the reference writes one", async () => {
    const { exit, stderr } = await run(["fail"], { commands: failing(new LoggedError("job", "why")) });
    expect(exit).toBe(1);
    expect(stderr).toMatch(/^ERROR: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d testflinger\.job -- why\n$/);
  });

  test("with the program's own usage for what only the command could find wrong", async () => {
    const { exit, stderr } = await run(["fail"], { commands: failing(new UsageError("not so")) });
    expect(exit).toBe(2);
    expect(stderr).toStartWith("usage: testflinger [-h]");
    expect(stderr).toEndWith("\ntestflinger: error: not so\n");
  });

  test("with the stack of a fault of our own, so that it can be reported", async () => {
    const { exit, stderr } = await run(["fail"], { commands: failing(new TypeError("x is not a function")) });
    expect(exit).toBe(1);
    expect(stderr).toStartWith("testflinger: internal error: TypeError: x is not a function");
  });
});

describe("usage errors", () => {
  test.each([
    [
      ["frobnicate"],
      "testflinger: error: argument command: invalid choice: 'frobnicate' (choose from 'admin', 'artifacts'",
    ],
    [["constructor"], "testflinger: error: argument command: invalid choice: 'constructor' (choose from"],
    [["status"], "testflinger status: error: the following arguments are required: job_id\n"],
    [["status", "x", "more"], "testflinger: error: unrecognized arguments: more\n"],
    [["--nope", "status", "x", "-y"], "testflinger: error: unrecognized arguments: --nope -y\n"],
    [["--nope"], "testflinger: error: unrecognized arguments: --nope\n"],
    [["admin"], "testflinger admin: error: the following arguments are required: admin_command\n"],
    [["admin", "set", "nope"], "testflinger admin set: error: argument set_command: invalid choice: 'nope'"],
    [
      ["login", "--client-id", "x"],
      "testflinger: error: Both --client-id and --secret-key must be provided together\n",
    ],
  ])("%p", async (words, message) => {
    const { exit, stdout, stderr } = await run(words);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: "" });
    expect(stderr).toStartWith("usage: testflinger");
    expect(stderr).toContain(`\n${message}`);
  });

  test("name the program as it was started", async () => {
    const { stderr } = await run(["look"], { startedAs: "/usr/bin/testflinger-cli", commands: looking });
    expect(stderr).toBe(
      "usage: testflinger-cli look [-h] thing\n" +
        "testflinger-cli look: error: the following arguments are required: thing\n",
    );
  });

  test("name the program by its own name when an interpreter was started", async () => {
    expect((await run(["status"], { startedAs: "bun" })).stderr).toStartWith("usage: testflinger status");
  });
});

describe("help", () => {
  test("goes to stdout with status 0, whatever the server setting", async () => {
    const { exit, stdout, stderr } = await run(["look", "--help"], {
      env: { TESTFLINGER_SERVER: "nonsense" },
      commands: looking,
    });
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: "" });
    expect(stdout).toStartWith("usage: testflinger look [-h] thing\n");
  });

  test("is what the program alone prints, with an empty line behind it", async () => {
    const { exit, stdout } = await run([]);
    expect(exit).toBe(0);
    expect(stdout).toBe(`${(await run(["-h"])).stdout}\n`);
  });

  test("does not hide a wrong server setting from who types nothing", async () => {
    const { exit, stdout, stderr } = await run([], { env: { TESTFLINGER_SERVER: "example.com" } });
    expect({ exit, stdout }).toEqual({ exit: 1, stdout: "" });
    expect(stderr).toBe('Server must start with "http://" or "https://" - currently set to: "example.com"\n');
  });

  test("has colours on a terminal that takes them, and nowhere else", async () => {
    expect((await run(["-h"], { terminal: true, colour: true })).stdout).toContain("\u001b[1musage:\u001b[22m");
    expect((await run(["-h"], { terminal: true })).stdout).not.toContain("\u001b");
  });

  test("keeps to the width of the terminal", async () => {
    for (const columns of [60, 80, 200]) {
      const { stdout } = await run(["poll", "-h"], { columns });
      const lines = stdout.split("examples:")[0]!.split("\n");
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.min(columns, 100));
    }
  });

  test("shows examples with the name that the program was started with", async () => {
    const { stdout } = await run(["submit", "-h"], { startedAs: "testflinger-cli" });
    expect(stdout).toContain("\n  testflinger-cli submit job.yaml\n");
  });
});

test.each([["--version"], ["version"]])("%s prints name and version", async (word) => {
  expect(await run([word])).toEqual({ exit: 0, stdout: `testflinger ${VERSION}\n`, stderr: "" });
});

/** Every command below some entries, with the words that lead to it. */
async function leaves(
  entries: Readonly<Record<string, Entry>>,
  path: string[] = [],
): Promise<[string, Command, Entry][]> {
  const found = await Promise.all(
    Object.entries(entries).map(async ([name, entry]): Promise<[string, Command, Entry][]> => {
      const { default: node } = await entry.load();
      return isGroup(node) ? leaves(node.subCommands, [...path, name]) : [[[...path, name].join(" "), node, entry]];
    }),
  );
  return found.flat();
}

const commands = await leaves(COMMANDS);

describe("every command", () => {
  test.each(commands)("%s is named and summed up alike in both places", (path, { meta }, { summary }) => {
    expect(meta.name).toBe(path.split(" ").at(-1)!);
    expect(meta.description).toBe(summary);
    expect(summary).toMatch(/^[A-Z].*[^.]$/);
  });

  test.each(commands)("%s describes each argument", (_, { args }) => {
    for (const argument of Object.values(args)) expect(argument.description).toMatch(/^[^A-Z].*[^.]$|^SSH/);
  });

  test.each(commands)("%s has examples that it understands", (path, { examples = [] }) => {
    for (const example of examples) expect(example).toContain(` ${path.split(" ")[0]}`);
  });
});

/** Long options of the reference (command-line sections 2.2 and 10): their abbreviations are in use. */
const REFERENCE_OPTIONS: Record<string, string[]> = {
  artifacts: ["filename"],
  jobs: ["status"],
  "list-agents": [
    "summary",
    "fields",
    "filter-status",
    "filter-name",
    "filter-queues",
    "filter-location",
    "filter-provision-type",
    "filter-comment",
  ],
  "list-queues": ["json"],
  login: ["client-id", "client_id", "secret-key", "secret_key"],
  poll: ["oneshot", "start_fragment", "start_timestamp", "phase", "json"],
  "poll-serial": ["oneshot", "start_fragment", "start_timestamp", "phase", "json"],
  reserve: ["dry-run", "queue", "image", "distro", "key", "yes", "timeout", "ephemeral"],
  "agent-status": ["json"],
  "queue-status": ["verbose", "json"],
  show: ["yaml"],
  submit: [
    "poll",
    "quiet",
    "wait-for-available-agents",
    "attachments-relative-to",
    "client-id",
    "client_id",
    "secret-key",
    "secret_key",
  ],
  "secret write": ["expire-after", "single-use", "client-id", "client_id", "secret-key", "secret_key"],
  "secret delete": ["client-id", "client_id", "secret-key", "secret_key"],
  "admin set agent-status": ["status", "agents", "comment", "client-id", "client_id", "secret-key", "secret_key"],
  "admin set client-permissions": [
    "testflinger-client-id",
    "testflinger-client-secret",
    "max-priority",
    "max-reservation",
    "role",
    "email",
    "json",
    "client-id",
    "client_id",
    "secret-key",
    "secret_key",
  ],
  "admin get client-permissions": ["testflinger-client-id", "client-id", "client_id", "secret-key", "secret_key"],
  "admin delete client-permissions": ["testflinger-client-id", "client-id", "client_id", "secret-key", "secret_key"],
};

describe("an option that the reference lacks takes no abbreviation away", () => {
  const longNames = (args: Arguments) =>
    namedArguments(args)
      .filter(({ argument }) => !argument.givesWay)
      .flatMap(({ names }) => names.flatMap((name) => (name.startsWith("--") ? [name.slice(2)] : [])));

  test.each<[string, Arguments, string[]]>([
    ["the program", PROGRAM_OPTIONS, ["configfile", "debug", "server"]],
    ...commands.map(([path, { args }]): [string, Arguments, string[]] => [path, args, REFERENCE_OPTIONS[path] ?? []]),
  ])("of %s", (_, args, reference) => {
    const ours = longNames(args);
    const theirs = [...reference, "help"];
    expect(ours).toEqual(expect.arrayContaining(theirs));
    for (const option of theirs) {
      const prefixes = Array.from(option, (__, index) => option.slice(0, index + 1));
      const unique = prefixes.filter((prefix) => theirs.filter((other) => other.startsWith(prefix)).length === 1);
      for (const prefix of unique) expect(ours.filter((other) => other.startsWith(prefix))).toEqual([option]);
    }
  });
});
