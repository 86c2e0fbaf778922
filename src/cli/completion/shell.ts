import { writeSync } from "node:fs";
import { COMMANDS } from "../commands/index.ts";
import { processContext } from "../runtime/context.ts";
import { completions } from "./answer.ts";

/** Where completion scripts listen. */
const ANSWERS = 8;

/** Answers a shell that asks for completions; it takes a status other than 0 for "none". */
export async function answerShell(): Promise<never> {
  try {
    writeSync(ANSWERS, await completions(processContext(), COMMANDS));
    process.exit(0);
  } catch {
    process.exit(1);
  }
}
