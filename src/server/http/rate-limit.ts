export interface RateLimitOptions {
  /** Calls that a key may make per window. */
  limit: number;
  /** Milliseconds. */
  window: number;
  now: () => Date;
}

/** Keys that are remembered at a time; more at once would be an attack on our memory. */
const MAX_KEYS = 10_000;

/** Counts calls by key in fixed windows. Every process counts for itself. */
export class RateLimit {
  /** Oldest windows first. */
  private readonly windows = new Map<string, { ends: number; calls: number }>();

  constructor(private readonly options: RateLimitOptions) {}

  /** Counts a call. Answers the seconds after which the key may call again; 0: the call is within the limit. */
  count(key: string): number {
    const now = this.options.now().getTime();
    this.forget(now);
    const window = this.windows.get(key) ?? { ends: now + this.options.window, calls: 0 };
    this.windows.set(key, window);
    window.calls += 1;
    return window.calls <= this.options.limit ? 0 : Math.ceil((window.ends - now) / 1000);
  }

  private forget(now: number): void {
    for (const [key, { ends }] of this.windows) {
      if (ends > now && this.windows.size < MAX_KEYS) return;
      this.windows.delete(key);
    }
  }
}
