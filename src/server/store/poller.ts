/** Milliseconds between looks at a database that other processes write to. */
const INTERVAL = 500;

export interface PollerOptions {
  look: () => Promise<void>;
  /** Told of the first failure only, until a look succeeds: a database that is away for an hour is one line in the log. */
  onError: (error: unknown) => void;
  /** Milliseconds from the end of a look to the next one. */
  interval?: number;
}

/** Looks for what other processes have changed, again and again for as long as somebody here waits for news. Looks never overlap. */
export class Poller {
  private timer: Timer | undefined;
  private running = false;
  private looking = false;
  private failing = false;

  constructor(private readonly options: PollerOptions) {}

  /** Does nothing when it runs already. */
  start(): void {
    this.running = true;
    if (!this.looking) this.timer ??= setTimeout(() => void this.turn(), this.options.interval ?? INTERVAL);
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private async turn(): Promise<void> {
    this.timer = undefined;
    this.looking = true;
    try {
      await this.options.look();
      this.failing = false;
    } catch (error) {
      if (!this.failing) this.options.onError(error);
      this.failing = true;
    }
    this.looking = false;
    if (this.running) this.start();
  }
}
