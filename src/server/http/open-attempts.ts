/** What an attempt is counted under, by the kinds of it. */
export type AttemptKeys = { readonly [kind: string]: string | undefined };

interface Entry {
  /** Asks of the database for room that it has not answered. */
  readonly asking: Set<Promise<unknown>>;
  open: number;
  /** Those that wait for room, the longest first. */
  readonly waiting: (() => void)[];
}

/** Attempts of this process whose outcome is not known yet, by what they are counted under: each has several keys. */
export class OpenAttempts {
  private readonly entries = new Map<string, Entry>();

  /** @param ask for room; null: there is none, and the attempt does not begin */
  async begin<Room>(keys: AttemptKeys, ask: () => Promise<Room | null>): Promise<Room | null> {
    const entries = namesOf(keys).map((key) => this.entryOf(key));
    const asking = ask();
    for (const entry of entries) entry.asking.add(asking);
    try {
      const room = await asking;
      if (room !== null) for (const entry of entries) entry.open += 1;
      return room;
    } finally {
      for (const entry of entries) entry.asking.delete(asking);
      this.forget(keys);
    }
  }

  /** @param leavesRoom for another one */
  end(keys: AttemptKeys, leavesRoom: boolean): void {
    for (const key of namesOf(keys)) {
      const entry = this.entryOf(key);
      entry.open -= 1;
      // Whoever is last wakes all: for those that still find no room there is nothing left to wait for.
      for (const wake of entry.waiting.splice(0, entry.open === 0 ? Infinity : Number(leavesRoom))) wake();
    }
    this.forget(keys);
  }

  /** Resolves with true when one of them has left room, or none is open any more; with false if none was. */
  async room(key: string | undefined): Promise<boolean> {
    const entry = key === undefined ? undefined : this.entries.get(key);
    // Some may have got what there was, and not know it yet.
    await Promise.allSettled(entry?.asking ?? []);
    if (!entry || entry.open === 0) return false;
    const { promise, resolve } = Promise.withResolvers<void>();
    entry.waiting.push(resolve);
    await promise;
    return true;
  }

  private entryOf(key: string): Entry {
    const entry = this.entries.get(key) ?? { asking: new Set(), open: 0, waiting: [] };
    this.entries.set(key, entry);
    return entry;
  }

  private forget(keys: AttemptKeys): void {
    for (const key of namesOf(keys)) {
      const { asking, open } = this.entryOf(key);
      if (asking.size === 0 && open === 0) this.entries.delete(key);
    }
  }
}

const namesOf = (keys: AttemptKeys): string[] => Object.values(keys).filter((key) => key !== undefined);
