import { writeSync } from "node:fs";
import { isatty, WriteStream } from "node:tty";
import type { Output } from "../context.ts";

/** The reader of our standard output is gone (EPIPE): nothing more can be said, so the program ends without a word. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}

type Env = Readonly<Record<string, string | undefined>>;

/** Standard output (1) or error (2), written synchronously so that nothing is lost when the program ends. */
export function processOutput(descriptor: 1 | 2, env: Env): Output {
  const isTTY = isatty(descriptor);
  const stream = () => (isTTY ? new WriteStream(descriptor) : undefined);
  return {
    isTTY,
    colour: isTTY && !env.NO_COLOR && env.TERM !== "dumb",
    get columns() {
      return positive(env.COLUMNS) ?? (stream()?.columns || 80);
    },
    get rows() {
      return positive(env.LINES) ?? (stream()?.rows || 24);
    },
    write(text) {
      try {
        writeAll(descriptor, typeof text === "string" ? Buffer.from(text) : text);
      } catch (error) {
        if (codeOf(error) !== "EPIPE" && codeOf(error) !== "EIO") throw error;
        // Without a reader of stderr there is nobody to tell; the work itself may still matter.
        if (descriptor === 1) throw new OutputClosed("standard output is closed", { cause: error });
      }
    },
  };
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
