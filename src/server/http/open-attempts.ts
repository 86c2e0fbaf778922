interface Open {
  attempts: number;
  /** Those that wait for room, the longest first. */
  readonly waiting: (() => void)[];
}

/** What an attempt is counted under, by the kinds of it. */
export type AttemptKeys = { readonly [kind: string]: string | undefined };

/** Attempts of this process whose outcome is not known yet, by what they are counted under: each has several keys. */
export class OpenAttempts {
  private readonly open = new Map<string, Open>();

  begin(keys: AttemptKeys): void {
    for (const key of namesOf(keys)) {
      const entry = this.open.get(key) ?? { attempts: 0, waiting: [] };
      entry.attempts += 1;
      this.open.set(key, entry);
    }
  }

  /** @param leavesRoom for another one */
  end(keys: AttemptKeys, leavesRoom: boolean): void {
    for (const key of namesOf(keys)) this.endOne(key, leavesRoom);
  }

  /** Resolves with true when one of them has left room, or none is open any more; at once with false if none was. */
  async room(key: string | undefined): Promise<boolean> {
    const entry = key === undefined ? undefined : this.open.get(key);
    if (!entry) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.waiting.push(resolve);
    await promise;
    return true;
  }

  private endOne(key: string, leavesRoom: boolean): void {
    const entry = this.open.get(key);
    if (!entry) return;
    entry.attempts -= 1;
    if (leavesRoom) entry.waiting.shift()?.();
    if (entry.attempts > 0) return;
    this.open.delete(key);
    for (const wake of entry.waiting) wake();
  }
}

const namesOf = (keys: AttemptKeys): string[] => Object.values(keys).filter((key) => key !== undefined);
