import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cliBinary } from "../../support/binaries.ts";
import { CredentialWatch } from "../../support/credentials/watch.ts";
import { Screen } from "./screen.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** How a command ended, and what it printed. */
export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface Running {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly outcome: Promise<Outcome>;
  kill(signal: NodeJS.Signals): void;
}

/** A command in a terminal, where everything is on one screen. */
export interface RunningInTerminal {
  readonly screen: Screen;
  readonly status: Promise<number>;
  type(text: string): void;
}

/** A person's home with the compiled client in it. */
export interface Client extends AsyncDisposable {
  /** Folder in which commands run. */
  readonly folder: string;
  /** Runs a command to its end, without a terminal. */
  run(...words: string[]): Promise<Outcome>;
  start(...words: string[]): Running;
  startInTerminal(...words: string[]): RunningInTerminal;
  /** The text of the stored login for a server on this machine, if there is one. */
  storedLogin(): string | undefined;
  /** Stores a login as the reference does. */
  storeLogin(clientId: string, refreshToken: string): Promise<void>;
}

/**
 * @param env variables besides those of the home, `TESTFLINGER_SERVER` for one
 * @param watch of the server: commands fail here that print one of its credentials
 */
export async function clientHome(
  env: Readonly<Record<string, string>>,
  watch = new CredentialWatch(),
): Promise<Client> {
  const home = await temporaryFolder();
  const folder = home.path;
  const config = join(folder, "config");
  const login = join(config, "testflinger-cli", "127_0_0_1", "auth.conf");
  const environment = { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: config, TERM: "xterm", ...env };
  const start = (...words: string[]): Running => {
    const child = Bun.spawn([cliBinary(), ...words], {
      cwd: folder,
      env: environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [stdout, stderr] = [new Screen(), new Screen()];
    const drained = Promise.all([drain(child.stdout, stdout), drain(child.stderr, stderr)]);
    return {
      stdout,
      stderr,
      outcome: Promise.all([child.exited, drained]).then(([status]) => {
        watch.assertSafe({ output: stdout.text + stderr.text });
        return { status, stdout: stdout.text, stderr: stderr.text };
      }),
      kill: (signal) => child.kill(signal),
    };
  };
  return {
    folder,
    start,
    run: (...words) => start(...words).outcome,
    startInTerminal(...words) {
      const screen = new Screen();
      const child = Bun.spawn([cliBinary(), ...words], {
        cwd: folder,
        env: environment,
        terminal: { cols: 120, rows: 60, data: (_, bytes) => screen.add(bytes), exit: () => screen.end() },
      });
      const status = child.exited.then((code) => {
        watch.assertSafe({ output: screen.text });
        return code;
      });
      return { screen, status, type: (text) => void child.terminal?.write(text) };
    },
    storedLogin: () => (existsSync(login) ? readFileSync(login, "utf8") : undefined),
    async storeLogin(clientId, refreshToken) {
      await Bun.write(login, `[AUTH]\nclient_id = ${clientId}\nrefresh_token = ${refreshToken}\n\n`);
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

async function drain(stream: ReadableStream<Uint8Array>, screen: Screen): Promise<void> {
  for await (const bytes of stream) screen.add(bytes);
  screen.end();
}
