import type { Context } from "../context.ts";
import type { Log } from "../log.ts";
import type { ConnectionFailure } from "./errors.ts";
import { jittered } from "./jitter.ts";

const LONGEST_MS = 60_000;

/**
 * Slows down GET requests to a server that does not answer: 2, 4, 8, 16, 32, 60, 60 … seconds after the first, second …
 * failure in a row (cli section 4.3), more or less. The pause is made before the next request rather than after the failed one, so that
 * a command with a single request ends at once.
 */
export class BackOff {
  #failures = 0;
  /** On the clock of `elapsed()`. */
  #notBefore = 0;

  constructor(
    private readonly context: Pick<Context, "clock" | "random">,
    private readonly log: Log,
    /** A warning is logged after every so many failures in a row. */
    private readonly threshold: number,
  ) {}

  /** Waits until the next request may be made. */
  async ready(signal?: AbortSignal): Promise<void> {
    const { clock } = this.context;
    const wait = this.#notBefore - clock.elapsed();
    if (this.#failures > 0 && wait > 0) await clock.sleep(wait, signal);
  }

  failed(error: ConnectionFailure): void {
    this.#failures++;
    const { clock, random } = this.context;
    this.#notBefore = clock.elapsed() + jittered(Math.min(1000 * 2 ** this.#failures, LONGEST_MS), random);
    if (this.#failures % this.threshold !== 0) return;
    this.log.warning(
      "api",
      `Error communicating with the server for the past ${this.#failures} requests, but will continue to retry. ` +
        `Last error: ${error.message}`,
    );
  }

  succeeded(): void {
    this.#failures = 0;
  }
}
