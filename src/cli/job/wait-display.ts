import type { Context } from "../context.ts";
import { isLive } from "../output/live.ts";
import { clockText } from "../poll/status.ts";
import { TerminalScreen } from "../poll/terminal-screen.ts";

/** One line on a terminal's stderr that tells what is waited for and where the job is; nothing elsewhere. */
export class WaitDisplay implements Disposable {
  readonly #screen: TerminalScreen | undefined;
  readonly #closed = new AbortController();
  readonly #begun: number;
  #state = "unknown";

  constructor(
    private readonly wanted: string,
    private readonly clock: Context["clock"],
    { stderr }: Pick<Context["io"], "stderr">,
    env: Context["env"],
  ) {
    this.#begun = clock.elapsed();
    if (!isLive(stderr, env)) return;
    this.#screen = new TerminalScreen(stderr, stderr);
    void this.#keepDrawing();
  }

  show(state: string): void {
    this.#state = state;
    this.#draw();
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
    this.#screen?.close();
  }

  #draw(): void {
    const elapsed = clockText(Math.floor((this.clock.elapsed() - this.#begun) / 1000));
    this.#screen?.status(`[${elapsed}] [${this.#state}] Waiting for ${this.wanted}...`);
  }

  async #keepDrawing(): Promise<void> {
    try {
      for (;;) {
        this.#draw();
        await this.clock.sleep(1_000, this.#closed.signal);
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    }
  }
}
