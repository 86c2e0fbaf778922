import { writeSync } from "node:fs";
import type { Output } from "../context.ts";
import { CliError } from "../errors.ts";
import { isTerminal, tty } from "./terminal.ts";

/** The reader of our standard output is gone (EPIPE): nothing more can be said, so the program ends without a word. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

type Env = Readonly<Record<string, string | undefined>>;

/** Standard output (1) or error (2), written synchronously so that nothing is lost when the program ends. */
export class ProcessOutput implements Output {
  #isTTY: boolean | undefined;

  constructor(
    private readonly descriptor: 1 | 2,
    private readonly env: Env,
  ) {}

  get isTTY() {
    this.#isTTY ??= isTerminal(this.descriptor);
    return this.#isTTY;
  }

  get colour() {
    return this.isTTY && !this.env.NO_COLOR && this.env.TERM !== "dumb";
  }

  get columns() {
    return positive(this.env.COLUMNS) ?? (this.#window?.columns || 80);
  }

  get rows() {
    return positive(this.env.LINES) ?? (this.#window?.rows || 24);
  }

  get #window() {
    return this.isTTY ? new (tty().WriteStream)(this.descriptor) : undefined;
  }

  write(text: string | Uint8Array): void {
    try {
      writeAll(this.descriptor, typeof text === "string" ? Buffer.from(text) : text);
    } catch (error) {
      // What cannot be said on stderr cannot be told anywhere; the work itself may still matter.
      if (this.descriptor === 2) return;
      if (codeOf(error) === "EPIPE") throw new OutputClosed("standard output is closed", { cause: error });
      throw new CliError(`Cannot write to standard output: ${(error as Error).message}`, 1, { cause: error });
    }
  }
}

/** A terminal in non-blocking mode answers EAGAIN when it is slower than we are. */
function writeAll(descriptor: number, bytes: Uint8Array) {
  for (let done = 0; done < bytes.length;) {
    try {
      done += writeSync(descriptor, bytes, done);
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") throw error;
      Bun.sleepSync(2);
    }
  }
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException | undefined)?.code;

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isSafeInteger(value) && value > 0 ? value : undefined;
}
