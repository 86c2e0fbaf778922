/** What a page shows that may change. */
export const TOPICS = ["jobs", "agents"] as const;
export type Topic = (typeof TOPICS)[number];

export interface PulseOptions {
  /** Milliseconds between two beats for a reader at the least, however much happens. */
  readonly pause: number;
  /** Do other processes change the database too? What they do is not noticed here, so readers look again after `patience`. */
  readonly shared: boolean;
  /** Milliseconds of silence after which a reader of a shared database looks again, and other readers get a sign of life. */
  readonly patience: number;
}

export const PULSE: Omit<PulseOptions, "shared"> = { pause: 1000, patience: 4000 };

interface Reader {
  readonly topics: ReadonlySet<Topic>;
  changed: boolean;
  wake: (() => void) | undefined;
}

/**
 * Tells pages that something has changed, not what: they fetch themselves again, so that what may be seen and how it looks is decided in one
 * place. A reader that is slow misses beats and nothing else.
 */
export class Pulse {
  private readonly readers = new Set<Reader>();
  private readonly stopping = new AbortController();

  constructor(private readonly options: PulseOptions) {}

  notify(topic: Topic): void {
    for (const reader of this.readers) {
      if (!reader.topics.has(topic)) continue;
      reader.changed = true;
      reader.wake?.();
    }
  }

  /** Beats from now on, until the reader leaves or the server stops. `silence`: nothing is known to have changed. */
  async *follow(topics: readonly Topic[], signal: AbortSignal): AsyncGenerator<"changed" | "silence"> {
    const ended = AbortSignal.any([signal, this.stopping.signal]);
    const reader: Reader = { topics: new Set(topics), changed: false, wake: undefined };
    this.readers.add(reader);
    const { pause, patience, shared } = this.options;
    try {
      while (!ended.aborted) {
        if (!reader.changed) await wait(patience, ended, (wake) => (reader.wake = wake));
        if (ended.aborted) return;
        const changed = reader.changed || shared;
        reader.changed = false;
        yield changed ? "changed" : "silence";
        await wait(pause, ended);
      }
    } finally {
      this.readers.delete(reader);
    }
  }

  close(): void {
    this.stopping.abort();
  }
}

/** Resolves after so many milliseconds, on abort, and when it is woken. */
async function wait(
  milliseconds: number,
  ended: AbortSignal,
  offer: (wake: () => void) => void = () => {},
): Promise<void> {
  if (ended.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  const wake = () => resolve();
  ended.addEventListener("abort", wake, { once: true });
  offer(wake);
  await promise;
  clearTimeout(timer);
  ended.removeEventListener("abort", wake);
}
