import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import type { Terminal } from "./operator.ts";

/** The terminal of this process. Questions go to standard error, so that standard output holds results only. */
export const processTerminal: Terminal = {
  interactive: Boolean(process.stdin.isTTY),
  print: (text) => void process.stdout.write(text),
  ask: (question) => askLine(question, process.stderr),
  async askHidden(question) {
    process.stderr.write(question);
    const answer = await askLine("", new Writable({ write: (_chunk, _encoding, done) => done() }));
    process.stderr.write("\n");
    return answer;
  },
  readAll: () => Bun.stdin.text(),
};

/** Null at the end of input and when it is interrupted. */
async function askLine(question: string, output: NodeJS.WritableStream): Promise<string | null> {
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  const { promise: closed, resolve } = Promise.withResolvers<null>();
  lines.once("close", () => resolve(null));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
