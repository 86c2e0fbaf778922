import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";

/** Ctrl-C was pressed. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}

/** What the reference says when Ctrl-C ends it (command-line section 2.6). */
export const keyboardInterrupt = () => new CliError("Received KeyboardInterrupt");

export type InterruptAnswer = "cancel" | "continue" | "exit";

/**
 * Asks what to do with the job (command-line section 8.6). No answer, because standard input has ended, means to leave
 * the job alone (W31).
 * @throws CliError at a second Ctrl-C
 */
export async function askAboutJob(jobId: string, { io }: Pick<Context, "io">): Promise<InterruptAnswer> {
  const { promise: again, reject } = Promise.withResolvers<never>();
  const stopListening = io.onInterrupt(() => {
    if (io.stdout.isTTY) io.stdout.write("\n");
    reject(keyboardInterrupt());
  });
  try {
    io.stdout.write(`\nCancel job ${jobId} before exiting (y)es/(N)o/(c)ontinue? `);
    const answer = await Promise.race([io.stdin.line(), again]);
    if (answer === null) io.stdout.write("\n");
    const first = answer?.trim().charAt(0).toLowerCase();
    return first === "y" ? "cancel" : first === "c" ? "continue" : "exit";
  } finally {
    stopListening();
  }
}
