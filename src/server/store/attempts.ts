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
  /** Counts nothing; null for a key without a window. */
  find(keys: readonly string[], now: Date): Promise<(Attempts | null)[]>;
}
