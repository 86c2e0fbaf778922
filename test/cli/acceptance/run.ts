import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { accessToken } from "../support/scripted-server.ts";
import { screenAfter } from "../support/virtual-terminal.ts";
import type { Mode, Scenario } from "./script.ts";
import { PlayingServer } from "./server.ts";

/** Longer than anything here takes, even on a busy machine. */
const TIME_LIMIT_MS = 30_000;
const COLUMNS = 200;
const CTRL_D = "\u0004";
const FAR_FUTURE = Date.parse("2100-01-01T00:00:00Z") / 1000;

/** What a run of the program left. */
interface Outcome {
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** On a terminal, where both go to the same place. */
  readonly screen: string;
}

/**
 * Runs a scenario and tells what departs from it.
 * @param binary path of the compiled program
 */
export async function departures(scenario: Scenario, mode: Mode, binary: string): Promise<string[]> {
  await using server = new PlayingServer();
  const root = await realpath(await mkdtemp(join(tmpdir(), "acceptance-")));
  try {
    const places = { home: join(root, "home"), folder: join(root, "folder"), server: await server.listen() };
    const filled = fill(scenario, { ...places, ...TOKENS });
    server.play(filled.exchanges);
    await prepare(filled, places);
    const program = join(root, filled.command[0]!);
    await symlink(binary, program);
    const outcome = await run(filled, mode, program, places);
    const files = await Promise.all(
      Object.entries(filled.filesAfter).map(async ([name, text]) => fileProblem(name, text, places)),
    );
    return [...server.verdict(), ...problemsOf(filled, mode, outcome), ...files.flat()];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const TOKENS = Object.fromEntries(
  ["admin", "manager", "contributor"].map((role) => [role, accessToken({ client_id: "me", role }, FAR_FUTURE)]),
);

/** Replaces `{name}` by its value in every text of a scenario. */
function fill(scenario: Scenario, values: Readonly<Record<string, string>>): Scenario {
  return JSON.parse(JSON.stringify(scenario), (_, value: unknown) =>
    typeof value === "string" ? value.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole) : value,
  ) as Scenario;
}

interface Places {
  readonly home: string;
  readonly folder: string;
  readonly server: string;
}

const pathOf = (name: string, { home, folder }: Places) =>
  name.startsWith("~/") ? join(home, name.slice(2)) : join(folder, name);

async function prepare({ files }: Scenario, places: Places): Promise<void> {
  await Promise.all([mkdir(places.home), mkdir(places.folder)]);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(pathOf(name, places)), { recursive: true });
    const [file = name, target] = name.split(" -> ");
    await (target ? symlink(target, pathOf(file, places)) : writeFile(pathOf(name, places), text));
  }
}

async function run(scenario: Scenario, mode: Mode, binary: string, { home, folder, server }: Places): Promise<Outcome> {
  const [, ...words] = scenario.command;
  const options = {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      LANG: "C.UTF-8",
      TZ: "UTC",
      TERM: "xterm-256color",
      COLUMNS: "80",
      BROWSER: "true",
      TESTFLINGER_SERVER: server,
      ...scenario.env,
    },
  };
  return mode === "pipe"
    ? onPipe([binary, ...words], options, scenario)
    : onTerminal([binary, ...words], options, scenario);
}

type SpawnOptions = Readonly<{ cwd: string; env: Record<string, string | undefined> }>;

async function onPipe(command: string[], options: SpawnOptions, scenario: Scenario): Promise<Outcome> {
  const child = Bun.spawn(command, {
    ...options,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    timeout: TIME_LIMIT_MS,
  });
  for (const line of scenario.input) child.stdin.write(`${line}\n`);
  const replies = new Replies(scenario, {
    type: (text) => void child.stdin.write(`${text}\n`),
    interrupt: () => child.kill("SIGINT"),
  });
  if (replies.areOver) void child.stdin.end();
  const read = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of stream) {
      const more = decoder.decode(chunk, { stream: true });
      text += more;
      replies.see(more);
    }
    return text;
  };
  const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
  await child.exited;
  return { exit: child.exitCode, stdout, stderr, screen: "" };
}

async function onTerminal(command: string[], options: SpawnOptions, scenario: Scenario): Promise<Outcome> {
  const decoder = new TextDecoder();
  const closed = Promise.withResolvers<void>();
  let screen = "";
  const child = Bun.spawn(command, {
    ...options,
    timeout: TIME_LIMIT_MS,
    terminal: {
      cols: COLUMNS,
      rows: 60,
      data: (_, chunk) => {
        const more = decoder.decode(chunk, { stream: true });
        screen += more;
        replies.see(more);
      },
      exit: () => closed.resolve(),
    },
  });
  const terminal = child.terminal!;
  const replies = new Replies(scenario, {
    type: (text) => void terminal.write(`${text}\r`),
    // Bun makes no controlling terminal, so the key alone would send no signal.
    interrupt: () => child.kill("SIGINT"),
  });
  for (const line of scenario.input) terminal.write(`${line}\r`);
  if (scenario.input.length > 0) terminal.write(CTRL_D);
  await Promise.all([child.exited, closed.promise]);
  return { exit: child.exitCode, stdout: "", stderr: "", screen };
}

interface Keyboard {
  type(text: string): void;
  interrupt(): void;
}

/** Types the replies of a scenario, each when its text has been shown. */
class Replies {
  readonly #pending: { after: string; text: string }[];
  #shown = "";

  constructor(
    { replies }: Scenario,
    private readonly keyboard: Keyboard,
  ) {
    this.#pending = [...replies];
  }

  get areOver(): boolean {
    return this.#pending.length === 0;
  }

  see(text: string): void {
    this.#shown += text;
    for (let next = this.#pending[0]; next && this.#shown.includes(next.after); next = this.#pending[0]) {
      this.#shown = this.#shown.slice(this.#shown.indexOf(next.after) + next.after.length);
      this.#pending.shift();
      if (next.text === "^C") this.keyboard.interrupt();
      else this.keyboard.type(next.text);
    }
  }
}

function problemsOf(scenario: Scenario, mode: Mode, outcome: Outcome): string[] {
  const { exit, stdout, stderr, absent } = scenario;
  const found = exit === outcome.exit ? [] : [`exit status ${outcome.exit}, not ${exit}`];
  if (mode === "pipe") {
    if (!pattern(stdout, "exact").test(outcome.stdout))
      found.push(`standard output is\n${outcome.stdout}not\n${stdout}`);
    found.push(...missing(stderr, outcome.stderr).map((text) => `standard error lacks ${text}`));
    if (stderr.length === 0 && outcome.stderr !== "") found.push(`standard error is not empty:\n${outcome.stderr}`);
  } else {
    const shown = screenAfter(outcome.screen.replaceAll("\r\n", "\n"), COLUMNS).join("\n");
    found.push(...missingLines(stdout, shown).map((line) => `the terminal lacks the line ${line}`));
    found.push(...missing(stderr, shown).map((text) => `the terminal lacks ${text}`));
  }
  const everything = outcome.stdout + outcome.stderr + outcome.screen;
  found.push(...absent.filter((text) => everything.includes(text)).map((text) => `${JSON.stringify(text)} is shown`));
  return found.length === 0 ? [] : [...found, `standard error: ${outcome.stderr}`, `terminal: ${outcome.screen}`];
}

const missing = (expected: readonly string[], actual: string) =>
  expected.filter((text) => !pattern(text, "inside").test(actual));

/** Lines that the terminal does not show, or shows in another order. */
function missingLines(expected: string, actual: string): string[] {
  const lines = actual.split("\n");
  let position = 0;
  return expected.split("\n").filter((line) => {
    if (line.trim() === "") return false;
    const at = lines.findIndex((shown, i) => i >= position && pattern(line.trimEnd(), "inside").test(shown));
    if (at >= 0) position = at;
    return at < 0;
  });
}

function pattern(text: string, where: "exact" | "inside"): RegExp {
  const source = text.split("{any}").map(RegExp.escape).join("[^]*?");
  return new RegExp(where === "exact" ? `^${source}$` : source, "u");
}

async function fileProblem(name: string, expected: string, places: Places): Promise<string[]> {
  const actual = await readFile(pathOf(name, places), "utf8").catch(() => "");
  return pattern(expected.trimEnd(), "exact").test(actual.trimEnd()) ? [] : [`${name} is\n${actual}not\n${expected}`];
}
