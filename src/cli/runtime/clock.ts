import type { Clock } from "../context.ts";

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => new Date(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    const timer = setTimeout(finish, ms);
    signal?.addEventListener("abort", abandon, { once: true });
    function finish() {
      signal?.removeEventListener("abort", abandon);
      resolve();
    }
    function abandon() {
      clearTimeout(timer);
      reject(signal!.reason);
    }
    return promise;
  },
};
