import { ConnectionFailure, HttpError, isRequestFailure, NetworkError, VpnError } from "../api/errors.ts";
import { jittered } from "../api/jitter.ts";
import type { Context } from "../context.ts";
import type { Log } from "../log.ts";

const LONGEST_MS = 30_000;
const ENOUGH_TO_WARN = 2;

/** Answers that asking again will not change: the job is unknown, or the person may not see it. */
const DEFINITE_STATUSES: readonly number[] = [204, 400, 401, 403];

/**
 * What goes wrong while a job is followed. A job runs for hours, and servers restart, VPNs drop, proxies show their
 * maintenance page meanwhile: all of that is waited out with growing pauses, and told once (W3, W4, W5).
 */
export class Trouble {
  #failures = 0;

  /** @param doing what goes wrong, in words that fit behind "Error" */
  constructor(
    private readonly context: Pick<Context, "clock" | "random">,
    private readonly log: Log,
    private readonly signal: AbortSignal,
    private readonly doing = "polling for job output",
  ) {}

  /** Pauses after a failure that may pass; throws the others. */
  async waitOut(error: unknown): Promise<void> {
    if (!isPassing(error)) throw error;
    this.#failures++;
    const text = `Error ${this.doing}: ${error.message}`;
    this.log.debug("poll", text);
    // The client of the API speaks up itself when nobody answers.
    if (this.#failures === ENOUGH_TO_WARN && !(error instanceof ConnectionFailure)) {
      this.log.warning("poll", `${text}\nTrying again until it works; press Ctrl-C to stop.`);
    }
    const pause = Math.min(1_000 * 2 ** (this.#failures - 1), LONGEST_MS);
    await this.context.clock.sleep(jittered(pause, this.context.random), this.signal);
  }

  over(): void {
    this.#failures = 0;
  }
}

function isPassing(error: unknown): error is Error {
  if (error instanceof HttpError) return !DEFINITE_STATUSES.includes(error.status);
  return isRequestFailure(error) || error instanceof NetworkError || error instanceof VpnError;
}
