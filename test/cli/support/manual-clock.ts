import { STREAM_IDLE_TIMEOUT_MS } from "../../../src/cli/api/log-stream.ts";
import { IDLE_TIMEOUT_MS } from "../../../src/cli/api/transport.ts";
import type { Clock } from "../../../src/cli/context.ts";

interface Sleeper {
  readonly until: number;
  readonly ms: number;
  wake(): void;
}

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
  /** Every sleep that was asked for, in milliseconds. */
  readonly slept: number[] = [];
  #elapsed = 0;
  #sleepers: Sleeper[] = [];
  #watchers: (() => void)[] = [];

  constructor(private readonly start = new Date("2026-11-23T10:00:00Z")) {}

  now = () => new Date(this.start.getTime() + this.#elapsed);
  elapsed = () => this.#elapsed;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.slept.push(ms);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper: Sleeper = { until: this.#elapsed + ms, ms, wake: resolve };
    this.#sleepers.push(sleeper);
    signal?.addEventListener("abort", () => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
      reject(signal.reason);
    });
    for (const watcher of this.#watchers.splice(0)) watcher();
    return promise;
  };

  /** How many sleeps have not ended. */
  get sleepers(): number {
    return this.#sleepers.length;
  }

  advance(ms: number): void {
    this.#elapsed += ms;
    const due = this.#sleepers.filter(({ until }) => until <= this.#elapsed);
    this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#elapsed);
    for (const { wake } of due) wake();
  }

  /** Resolves when something sleeps, other than the timeout of a request. */
  async untilSomeoneSleeps(): Promise<void> {
    while (!this.#sleepers.some(isNoTimeout)) {
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /**
   * Lets time pass until `work` has ended: whenever something sleeps, its time comes. The timeouts of requests on their
   * way are left alone.
   */
  async run<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = work.then(
      () => void (ended = true),
      () => void (ended = true),
    );
    for (;;) {
      await Promise.race([end, this.untilSomeoneSleeps()]);
      if (ended) return await work;
      const next = this.#sleepers.filter(isNoTimeout).sort((a, b) => a.until - b.until)[0];
      if (next) this.advance(Math.max(0, next.until - this.#elapsed));
    }
  }
}

const isNoTimeout = ({ ms }: Sleeper) => ![IDLE_TIMEOUT_MS, STREAM_IDLE_TIMEOUT_MS].includes(ms);
