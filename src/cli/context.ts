/**
 * Everything a command may touch outside its own memory. Tests pass their own.
 */
export interface Context {
  readonly io: IO;
  readonly clock: Clock;
  /** A number from 0 up to 1 that nobody needs to be unable to guess. */
  readonly random: () => number;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Working directory, absolute. */
  readonly cwd: string;
  readonly fetch: (input: string | URL, init?: RequestInit) => Promise<Response>;
  /** Tries to show an https or loopback URL to the person; false when there is no browser. Never throws. */
  readonly openBrowser: (url: string) => Promise<boolean>;
  /** Listens on a free port of 127.0.0.1. */
  readonly listenOnLoopback: (answer: (request: Request) => Response) => LoopbackListener;
}

export interface LoopbackListener {
  readonly port: number;
  /** Lets answers under way finish and closes the port. */
  stop(): Promise<void>;
}

export interface IO {
  readonly stdout: Output;
  readonly stderr: MessageOutput;
  readonly stdin: Input;
  /** Calls back on every Ctrl-C until the returned function is called; without a listener Ctrl-C ends the program. */
  onInterrupt(listener: () => void): () => void;
}

export interface Output {
  /** Writes at once (no buffering across calls). A reader that has gone away (EPIPE) ends the program quietly. */
  write(text: string | Uint8Array): void;
  readonly isTTY: boolean;
  /** May colours be used? False without a terminal, with NO_COLOR and with TERM=dumb. */
  readonly colour: boolean;
  /** Current width in columns; 80 when unknown. */
  readonly columns: number;
  readonly rows: number;
}

/** An output for messages, which may come while something else stands at the bottom of the same terminal. */
export interface MessageOutput extends Output {
  /** Hides `footer` for as long as a message is written, until the returned function is called. There is one at a time. */
  keepFooter(footer: Footer): () => void;
}

/** Lines at the bottom of a terminal that are redrawn in place, such as a status. */
export interface Footer {
  hide(): void;
  show(): void;
}

export interface Input {
  readonly isTTY: boolean;
  /** The whole rest of standard input. */
  bytes(): Promise<Uint8Array>;
  /** One line without its end, or null at the end of input. */
  line(): Promise<string | null>;
  /** Like `line`, without showing what is typed (on a terminal). */
  hidden(): Promise<string | null>;
}

export interface Clock {
  now(): Date;
  /** Milliseconds that only grow. */
  elapsed(): number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
