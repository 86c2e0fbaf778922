/** Milliseconds for which a request may still be on its way: TCP sends it again for as long (tcp_retries2 of Linux). */
const UNDER_WAY = 15 * 60_000;

/** Tries to put a job back into its queue. Answers whether it is settled; not as long as the job may still be handed out behind the caller's back. */
type PutBack = () => Promise<boolean>;

export interface PutBacksOptions {
  /** Milliseconds until the first try; each further one waits twice as long. */
  firstPause: number;
  /** Calls later, unless it is told to forget it. */
  schedule?: (call: () => void, milliseconds: number) => Timer;
}

/**
 * Sees to it that no job stays with an agent that was never told of it. The database may hand a job out although its answer is lost or comes so late that
 * nobody waits for it any more, even long after the caller gave up: so each is tried again and again.
 */
export class PutBacks {
  readonly #timers = new Map<PutBack, Timer>();
  readonly #options: Required<PutBacksOptions>;
  #closed = false;

  constructor(options: PutBacksOptions) {
    this.#options = { schedule: setTimeout, ...options };
  }

  add(putBack: PutBack): void {
    this.#tryLater(putBack, this.#options.firstPause);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #tryLater(putBack: PutBack, pause: number): void {
    if (this.#closed) return;
    this.#timers.set(
      putBack,
      this.#options.schedule(() => void this.#try(putBack, pause), pause),
    );
  }

  async #try(putBack: PutBack, pause: number): Promise<void> {
    this.#timers.delete(putBack);
    try {
      const isSettled = (await putBack()) || pause > UNDER_WAY;
      if (!isSettled) this.#tryLater(putBack, pause * 2);
    } catch {
      // The database is still away.
      this.#tryLater(putBack, pause);
    }
  }
}
