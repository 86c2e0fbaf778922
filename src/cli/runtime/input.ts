import type { Input } from "../context.ts";
import { isTerminal, tty } from "./terminal.ts";

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = [0x08, 0x7f];
const LF = 0x0a;
const CR = 0x0d;

/** Standard input, read only when somebody asks; what one reader leaves over goes to the next. */
export function processInput(interrupt: () => void): Input {
  const bytes = new ByteQueue();
  return {
    get isTTY() {
      return isTerminal(0);
    },
    bytes: () => bytes.rest(),
    line: () => readLine(bytes),
    hidden: async () => {
      if (!isTerminal(0)) return readLine(bytes);
      const terminal = new (tty().ReadStream)(0);
      terminal.setRawMode(true);
      const restore = () => void terminal.setRawMode(false);
      process.once("exit", restore);
      try {
        return await readHidden(bytes, interrupt);
      } finally {
        restore();
        process.off("exit", restore);
      }
    },
  };
}

class ByteQueue {
  private reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private pending: Uint8Array = new Uint8Array();

  /** The next byte, or null at the end of input. */
  async next(): Promise<number | null> {
    if (this.pending.length === 0 && !(await this.fill())) return null;
    const [byte] = this.pending;
    this.pending = this.pending.subarray(1);
    return byte!;
  }

  async rest(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    do {
      chunks.push(this.pending);
    } while (await this.fill());
    this.pending = new Uint8Array();
    return new Uint8Array(Buffer.concat(chunks));
  }

  private async fill(): Promise<boolean> {
    this.reader ??= Bun.stdin.stream().getReader();
    const { done, value } = await this.reader.read();
    this.pending = value ?? new Uint8Array();
    return !done;
  }
}

async function readLine(bytes: ByteQueue): Promise<string | null> {
  const line: number[] = [];
  for (let byte = await bytes.next(); byte !== LF; byte = await bytes.next()) {
    if (byte === null) {
      if (line.length === 0) return null;
      break;
    }
    line.push(byte);
  }
  return decode(line).replace(/\r$/, "");
}

/** In raw mode the terminal neither edits the line nor sends signals: both are ours to do. */
async function readHidden(bytes: ByteQueue, interrupt: () => void): Promise<string | null> {
  const line: number[] = [];
  for (let byte = await bytes.next(); byte !== LF && byte !== CR; byte = await bytes.next()) {
    if (byte === null || (byte === CTRL_D && line.length === 0)) return null;
    if (byte === CTRL_C) interrupt();
    else if (BACKSPACE.includes(byte)) dropCharacter(line);
    else line.push(byte);
  }
  return decode(line);
}

/** Removes the last UTF-8 character, however many bytes it has. */
function dropCharacter(line: number[]) {
  for (let byte = line.pop(); byte !== undefined && (byte & 0xc0) === 0x80; byte = line.pop());
}

const decode = (bytes: number[]) => new TextDecoder().decode(Uint8Array.from(bytes));
