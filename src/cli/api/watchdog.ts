import type { Clock } from "../context.ts";

/** Ends a request on which nothing moves any more: `signal` is aborted after `quietMs` without a call of `stir`. */
export class Watchdog {
  readonly #abort = new AbortController();
  readonly #stop = new AbortController();
  #last: number;

  constructor(
    private readonly clock: Clock,
    private readonly quietMs: number,
  ) {
    this.#last = clock.elapsed();
    void this.#watch();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Did the watchdog bite? */
  get expired(): boolean {
    return this.#abort.signal.aborted;
  }

  stir(): void {
    this.#last = this.clock.elapsed();
  }

  stop(): void {
    this.#stop.abort();
  }

  async #watch(): Promise<void> {
    for (;;) {
      const left = this.#last + this.quietMs - this.clock.elapsed();
      if (left <= 0) return this.#abort.abort(new DOMException("No data for too long", "TimeoutError"));
      try {
        await this.clock.sleep(left, this.#stop.signal);
      } catch {
        return;
      }
    }
  }
}
