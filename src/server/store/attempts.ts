/** How often something was tried under a key, in the window of time that began with the first try. */
export interface Attempts {
  readonly count: number;
  readonly windowEndsAt: Date;
}

/** Counters that all servers of a deployment share. A key whose window has ended is as good as unknown. */
export interface AttemptStore {
  /**
   * Counts a try under each key; what each has now, in their order.
   *
   * @param window of a key that has none, in milliseconds
   */
  count(keys: readonly string[], now: Date, window: number): Promise<Attempts[]>;
  /** Counts a try under the key if it has had fewer than `limit` (at least 1); null if not. Of many at once no more than that many count. */
  take(key: string, limit: number, now: Date, window: number): Promise<Attempts | null>;
  /** Takes a try back that was counted in the window that ends then; one of a window that is over counts no more anyway. */
  giveBack(key: string, windowEndsAt: Date): Promise<void>;
  /** Counts nothing; null for a key without a window. */
  find(keys: readonly string[], now: Date): Promise<(Attempts | null)[]>;
}
