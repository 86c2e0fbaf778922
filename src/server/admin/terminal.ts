import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Terminal } from "./operator.ts";

/** The terminal of this process. Questions go to standard error, so that standard output holds results only. */
export const processTerminal: Terminal = {
  interactive: Boolean(process.stdin.isTTY),
  print: (text) => void process.stdout.write(text),
  ask: (question) => askLine(question, process.stderr),
  async askHidden(question) {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
    const answer = await askLine(question, nowhere);
    process.stderr.write("\n");
    return answer;
  },
  readAll: () => Bun.stdin.text(),
};

/**
 * Null at the end of input and when it is interrupted.
 *
 * @param echo where what is typed is shown
 */
async function askLine(question: string, echo: NodeJS.WritableStream): Promise<string | null> {
  // Takes the terminal's own echo away; a question shown before that could be answered for everybody to see.
  const lines = createInterface({ input: process.stdin, output: echo, terminal: true });
  const { promise: closed, resolve } = Promise.withResolvers<null>();
  lines.once("close", () => resolve(null));
  process.stderr.write(question);
  try {
    return await Promise.race([lines.question(""), closed]);
  } finally {
    lines.close();
  }
}
