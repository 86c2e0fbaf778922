const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;
const GROWTH = 1.5;

/** How long to wait between requests: about a second while output flows, up to ten when nothing comes (W1). */
export class Pace {
  #delay = SHORTEST_MS;

  /** The pause to make now, in milliseconds; the next one is longer. */
  next(): number {
    const delay = this.#delay;
    this.#delay = Math.min(delay * GROWTH, LONGEST_MS);
    return delay;
  }

  quicken(): void {
    this.#delay = SHORTEST_MS;
  }
}
