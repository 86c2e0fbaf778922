import type { LogType } from "../../shared/phases.ts";
import type { Store } from "../store/store.ts";

/** Milliseconds between looks at a database that other processes write to. */
const SHARED_STORE_INTERVAL = 500;

interface Watch {
  readonly jobId: string;
  readonly type: LogType;
  changed: boolean;
  wake: (() => void) | undefined;
}

/** One reader's view of a job: whether anything has happened since it last looked. */
export interface Subscription {
  /** Resolves when something has changed since the last call, after `milliseconds`, on abort, and when the server stops. */
  next(milliseconds: number, signal: AbortSignal): Promise<void>;
  end(): void;
}

/**
 * Tells readers of live logs that a job has changed. Changes made by this process are told at once; those of other processes on the same
 * database are found by two queries per interval for all watched jobs together.
 */
export class JobFeed {
  private readonly watches = new Map<string, Set<Watch>>();
  private readonly seen = new Map<string, string>();
  private timer: Timer | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly store: Pick<Store, "jobs" | "logs" | "shared">,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Aborted when the server stops: streams end then, and their readers resume elsewhere. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  /** Something about the job has changed in this process. */
  notify(jobId: string): void {
    for (const watch of this.watches.get(jobId) ?? []) {
      watch.changed = true;
      watch.wake?.();
    }
  }

  subscribe(jobId: string, type: LogType): Subscription {
    const watch: Watch = { jobId, type, changed: false, wake: undefined };
    this.watches.set(jobId, (this.watches.get(jobId) ?? new Set()).add(watch));
    if (this.store.shared) this.timer ??= setInterval(() => void this.look(), SHARED_STORE_INTERVAL);
    return {
      next: (milliseconds, signal) => this.nextChange(watch, milliseconds, signal),
      end: () => this.unsubscribe(watch),
    };
  }

  close(): void {
    clearInterval(this.timer);
    this.stopping.abort();
  }

  private async nextChange(watch: Watch, milliseconds: number, signal: AbortSignal): Promise<void> {
    const ended = AbortSignal.any([signal, this.stopped]);
    if (!watch.changed && !ended.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, milliseconds);
      watch.wake = resolve;
      ended.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      clearTimeout(timer);
      watch.wake = undefined;
    }
    watch.changed = false;
  }

  private unsubscribe(watch: Watch): void {
    const watches = this.watches.get(watch.jobId);
    watches?.delete(watch);
    if (watches?.size === 0) this.watches.delete(watch.jobId);
    if (this.watches.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
    this.seen.clear();
  }

  private async look(): Promise<void> {
    try {
      const watched = [...this.watches.values()].flatMap((watches) => [...watches]);
      const [numbers, states] = await Promise.all([
        this.store.logs.latest(watched),
        this.store.jobs.states([...this.watches.keys()]),
      ]);
      for (const { jobId, type } of watched) {
        const key = `${jobId}/${type}`,
          now = `${numbers.get(key) ?? -1} ${states.get(jobId) ?? ""}`;
        if (this.seen.get(key) === now) continue;
        this.seen.set(key, now);
        this.notify(jobId);
      }
    } catch (error) {
      this.onError(error);
    }
  }
}
