import type { Mode, Scenario } from "./script.ts";
import type { PlayingServer } from "./server.ts";
import { COLUMNS, type Outcome } from "./outcome.ts";

/** Longer than anything here takes, even on a busy machine. */
const TIME_LIMIT_MS = 40_000;
const LEAVES = "(closes the output)";
const SERVER_HANGS_UP = "(server hangs up)";
const CTRL_D = "\u0004";

export type SpawnOptions = Readonly<{ cwd: string; env: Record<string, string | undefined> }>;

/** Runs a program as a scenario says, until it ends. */
export function spawned(
  scenario: Scenario,
  mode: Mode,
  command: string[],
  options: SpawnOptions,
  server: PlayingServer,
): Promise<Outcome> {
  return mode === "pipe" ? onPipe(scenario, command, options, server) : onTerminal(scenario, command, options, server);
}

async function onPipe(
  scenario: Scenario,
  command: string[],
  options: SpawnOptions,
  server: PlayingServer,
): Promise<Outcome> {
  const child = Bun.spawn(command, {
    ...options,
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
    timeout: TIME_LIMIT_MS,
  });
  const stdout = child.stdout.getReader();
  const keyboard: Keyboard = {
    enter: (line) => void child.stdin.write(`${line}\n`),
    press: (keys) => void child.stdin.write(keys),
    interrupt: () => child.kill("SIGINT"),
    end: () => void child.stdin.end(),
    leave: () => void stdout.cancel(),
  };
  server.connectKeyboard(keyboard.interrupt);
  scenario.input.forEach(keyboard.enter);
  const replies = new Replies(scenario, keyboard, server);
  if (replies.areOver) keyboard.end();
  const read = async (stream: ReadableStreamDefaultReader<Uint8Array>) => {
    const decoder = new TextDecoder();
    let text = "";
    for (let piece = await stream.read(); !piece.done; piece = await stream.read()) {
      const more = decoder.decode(piece.value, { stream: true });
      text += more;
      replies.see(more);
    }
    return text;
  };
  const [out, err] = await Promise.all([read(stdout), read(child.stderr.getReader())]);
  await child.exited;
  return { exit: child.exitCode, stdout: out, stderr: err, screen: "" };
}

async function onTerminal(
  scenario: Scenario,
  command: string[],
  options: SpawnOptions,
  server: PlayingServer,
): Promise<Outcome> {
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
  const keyboard: Keyboard = {
    enter: (line) => void terminal.write(`${line}\r`),
    press: (keys) => void terminal.write(keys),
    // Bun makes no controlling terminal, so the key alone would send no signal.
    interrupt: () => child.kill("SIGINT"),
    end: () => void terminal.write(CTRL_D),
    leave: () => terminal.close(),
  };
  server.connectKeyboard(keyboard.interrupt);
  const replies = new Replies(scenario, keyboard, server);
  scenario.input.forEach(keyboard.enter);
  if (scenario.input.length > 0) keyboard.end();
  await Promise.all([child.exited, closed.promise]);
  return { exit: child.exitCode, stdout: "", stderr: "", screen };
}

interface Keyboard {
  enter(line: string): void;
  press(keys: string): void;
  interrupt(): void;
  end(): void;
  /** Nobody reads any more what the program prints. */
  leave(): void;
}

/** Types the replies of a scenario, each when its text has been shown. */
class Replies {
  readonly #pending: { after: string; text: string }[];
  #shown = "";

  constructor(
    { replies }: Scenario,
    private readonly keyboard: Keyboard,
    private readonly server: PlayingServer,
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
      this.#type(next.text);
    }
  }

  #type(text: string): void {
    if (text === "^C") this.keyboard.interrupt();
    else if (text === "^D") this.keyboard.end();
    else if (text === LEAVES) this.keyboard.leave();
    else if (text === SERVER_HANGS_UP) this.server.hangUp();
    else if (text.startsWith('"')) this.keyboard.press(JSON.parse(text) as string);
    else this.keyboard.enter(text);
  }
}
