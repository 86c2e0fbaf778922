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

/** Passes on what arrives until Ctrl-C, which fails the loop that reads it, so that it can clean up. */
export async function* untilInterrupted<T>(
  io: Pick<IO, "onInterrupt">,
  source: AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  // Ctrl-C may come while nobody waits for it here, and is then found at the next item.
  interrupted.catch(() => undefined);
  const stopListening = io.onInterrupt(() => reject(keyboardInterrupt()));
  const items = source[Symbol.asyncIterator]();
  try {
    for (;;) {
      const { done, value } = await Promise.race([items.next(), interrupted]);
      if (done) return;
      yield value;
    }
  } finally {
    stopListening();
    items.return?.()?.catch(() => undefined);
  }
}
