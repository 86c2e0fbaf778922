import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context, Output } from "../../../src/cli/context.ts";
import { listenOnLoopback } from "../../../src/cli/runtime/loopback.ts";
import { MessagesAboveFooter } from "../../../src/cli/runtime/message-output.ts";
import { ManualClock } from "./manual-clock.ts";

export interface WorldOptions {
  /** Are stdin, stdout and stderr a terminal? */
  readonly terminal?: boolean;
  readonly env?: Record<string, string | undefined>;
  readonly fetch?: Context["fetch"];
  /** Lines on standard input. */
  readonly input?: string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly colour?: boolean;
}

/** A context whose output can be read, with a home folder of its own. Dispose of it. */
export class World implements Disposable {
  readonly clock = new ManualClock();
  readonly home = mkdtempSync(join(tmpdir(), "testflinger-home-"));
  readonly opened: string[] = [];
  readonly context: Context;
  #stdout = "";
  #stderr = "";
  #shown = "";
  readonly #input: string[];
  #watchers: (() => void)[] = [];
  readonly #interruptListeners = new Set<() => void>();

  constructor({
    terminal = false,
    env = {},
    fetch: fetcher = fetch,
    input = [],
    columns = 80,
    rows = 60,
    colour = false,
  }: WorldOptions = {}) {
    this.#input = [...input];
    const output = (write: (text: string) => void): Output => ({
      write: (text) => {
        write(typeof text === "string" ? text : new TextDecoder().decode(text));
        for (const watcher of this.#watchers.splice(0)) watcher();
      },
      isTTY: terminal,
      colour,
      columns,
      rows,
    });
    const line = async () => this.#input.shift() ?? null;
    this.context = {
      io: {
        stdout: output((text) => {
          this.#stdout += text;
          this.#shown += text;
        }),
        stderr: new MessagesAboveFooter(
          output((text) => {
            this.#stderr += text;
            this.#shown += text;
          }),
        ),
        stdin: {
          isTTY: terminal,
          bytes: async () => new TextEncoder().encode(this.#input.splice(0).join("\n")),
          line,
          hidden: line,
        },
        onInterrupt: (listener) => {
          this.#interruptListeners.add(listener);
          for (const watcher of this.#watchers.splice(0)) watcher();
          return () => void this.#interruptListeners.delete(listener);
        },
      },
      clock: this.clock,
      // The middle: retries come exactly when they are meant to.
      random: () => 0.5,
      env: { HOME: this.home, ...env },
      cwd: this.home,
      fetch: fetcher,
      openBrowser: async (url) => {
        this.opened.push(url);
        return true;
      },
      listenOnLoopback,
    };
  }

  /** Resolves when standard output contains a text. */
  async untilPrinted(text: string): Promise<void> {
    while (!this.#stdout.includes(text)) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** Resolves when Ctrl-C would no longer just end the program. */
  async untilInterruptible(): Promise<void> {
    while (this.#interruptListeners.size === 0) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  /** Presses Ctrl-C; false when nobody listens, which ends the real program. */
  interrupt(): boolean {
    const listeners = Array.from(this.#interruptListeners);
    for (const listener of listeners) listener();
    return listeners.length > 0;
  }

  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** What a terminal that both outputs lead to is sent. */
  get shown(): string {
    return this.#shown;
  }

  [Symbol.dispose](): void {
    rmSync(this.home, { recursive: true, force: true });
  }
}
