import type { ObjectId } from "mongodb";

/** A job that the database may have handed out for a request which was given up. */
export interface LostTake {
  readonly take: ObjectId;
  readonly agent: string;
}

/** Milliseconds for which a request may still be on its way: TCP sends it again for as long (tcp_retries2 of Linux). */
const UNDER_WAY = 15 * 60_000;

export interface LostTakesOptions {
  /** Puts the job back that the take got; false if it got none yet. */
  putBack: (take: LostTake) => Promise<boolean>;
  /** Milliseconds until the first look; each further one waits twice as long. */
  firstPause: number;
  /** Calls later, unless it is told to forget it. */
  schedule?: (call: () => void, milliseconds: number) => Timer;
}

/**
 * Sees to it that no job stays with an agent that was never told of it: the answer of the database was lost, or came so late that nobody waited for it
 * any more. A take may also happen long after its caller gave up, so it is looked for again and again.
 */
export class LostTakes {
  readonly #looks = new Map<LostTake, Timer>();
  readonly #options: Required<LostTakesOptions>;
  #closed = false;

  constructor(options: LostTakesOptions) {
    this.#options = { schedule: setTimeout, ...options };
  }

  add(take: LostTake): void {
    this.#lookLater(take, this.#options.firstPause);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#looks.values()) clearTimeout(timer);
    this.#looks.clear();
  }

  #lookLater(take: LostTake, pause: number): void {
    if (this.#closed) return;
    this.#looks.set(
      take,
      this.#options.schedule(() => void this.#look(take, pause), pause),
    );
  }

  async #look(take: LostTake, pause: number): Promise<void> {
    this.#looks.delete(take);
    try {
      const isSettled = (await this.#options.putBack(take)) || pause > UNDER_WAY;
      if (!isSettled) this.#lookLater(take, pause * 2);
    } catch {
      // The database is still away.
      this.#lookLater(take, pause);
    }
  }
}
