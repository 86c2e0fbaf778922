import type { IO } from "../context.ts";
import { keyboardInterrupt } from "../poll/interrupt.ts";

/**
 * Waits for some work unless Ctrl-C comes first, so that the caller can clean up. The work itself goes on unheard.
 *
 * @throws {CliError} at Ctrl-C, and what the work throws
 */
export async function interruptible<T>(io: Pick<IO, "onInterrupt">, work: () => Promise<T>): Promise<T> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const stopListening = io.onInterrupt(() => reject(keyboardInterrupt()));
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    stopListening();
  }
}
