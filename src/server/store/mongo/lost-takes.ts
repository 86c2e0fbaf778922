import type { ObjectId } from "mongodb";

/** A job that the database may have handed out for a request which was given up. */
export interface LostTake {
  readonly take: ObjectId;
  readonly agent: string;
}

/** Looks that the database has to answer until a take is settled. */
const LOOKS = 4;

export interface LostTakesOptions {
  /** Puts the jobs back that these takes got. Called again and again, since a take may happen after its caller gave up. */
  putBack: (takes: readonly LostTake[]) => Promise<void>;
  /** Milliseconds after which the database ends a take by itself; the last look comes later. */
  lifetime: number;
  /** Calls later, unless it is told to forget it. */
  schedule?: (call: () => void, milliseconds: number) => Timer;
}

/**
 * Sees to it that no job stays with an agent that was never told of it: the answer of the database was lost, or came so late that nobody waited for it
 * any more.
 */
export class LostTakes {
  /** Take -> looks that were answered since. */
  readonly #answered = new Map<LostTake, number>();
  readonly #options: Required<LostTakesOptions>;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: LostTakesOptions) {
    this.#options = { schedule: setTimeout, ...options };
  }

  add(take: LostTake): void {
    this.#answered.set(take, 0);
    this.#next();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (this.#closed || this.#answered.size === 0) return;
    this.#timer ??= this.#options.schedule(() => void this.#look(), this.#options.lifetime / (LOOKS - 1));
  }

  async #look(): Promise<void> {
    const takes = [...this.#answered.keys()];
    try {
      await this.#options.putBack(takes);
      for (const take of takes) {
        const answered = (this.#answered.get(take) ?? 0) + 1;
        if (answered < LOOKS) this.#answered.set(take, answered);
        else this.#answered.delete(take);
      }
    } catch {
      // The database is still away.
    }
    this.#timer = undefined;
    this.#next();
  }
}
