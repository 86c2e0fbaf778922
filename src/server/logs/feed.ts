import type { LogType } from "../../shared/phases.ts";
import { Poller } from "../store/poller.ts";
import type { Store } from "../store/store.ts";

interface Watch {
  readonly jobId: string;
  readonly type: LogType;
  changed: boolean;
  wake: (() => void) | undefined;
  /** What the last look at a shared database found. */
  seen: string | undefined;
}

/** One reader's view of a job: whether anything has happened since it last looked. */
export interface Subscription {
  /** Resolves when something has changed since the last call, after `milliseconds`, when the reader leaves, and when the server stops. */
  next(milliseconds: number): Promise<void>;
  end(): void;
}

/**
 * Tells readers of live logs that a job has changed. Changes made by this process are told at once; those of other processes on the same
 * database are found by two queries per interval for all watched jobs together.
 */
export class JobFeed {
  private readonly watches = new Map<string, Set<Watch>>();
  private readonly poller: Poller;
  private stopped = false;

  constructor(
    private readonly store: Pick<Store, "jobs" | "logs" | "shared">,
    onError: (error: unknown) => void,
  ) {
    this.poller = new Poller({ look: () => this.look(), onError });
  }

  /** The server stops: streams end then, and their readers resume elsewhere. */
  get closed(): boolean {
    return this.stopped;
  }

  /** Something about the job has changed in this process. */
  notify(jobId: string): void {
    for (const watch of this.watches.get(jobId) ?? []) rouse(watch);
  }

  /** @param signal aborted when the reader leaves */
  subscribe(jobId: string, type: LogType, signal: AbortSignal): Subscription {
    const watch: Watch = { jobId, type, changed: false, wake: undefined, seen: undefined };
    this.watches.set(jobId, (this.watches.get(jobId) ?? new Set()).add(watch));
    if (this.store.shared) this.poller.start();
    // One listener for the whole subscription: what is added to a signal at every turn stays with it as long as it lives.
    const leave = () => rouse(watch);
    signal.addEventListener("abort", leave, { once: true });
    return {
      next: (milliseconds) => nextChange(watch, milliseconds),
      end: () => {
        signal.removeEventListener("abort", leave);
        this.unsubscribe(watch);
      },
    };
  }

  close(): void {
    this.stopped = true;
    this.poller.stop();
    for (const watches of this.watches.values()) for (const watch of watches) rouse(watch);
  }

  private unsubscribe(watch: Watch): void {
    const watches = this.watches.get(watch.jobId);
    watches?.delete(watch);
    if (watches?.size === 0) this.watches.delete(watch.jobId);
    if (this.watches.size === 0) this.poller.stop();
  }

  private async look(): Promise<void> {
    const watched = [...this.watches.values()].flatMap((watches) => [...watches]);
    const [numbers, states] = await Promise.all([
      this.store.logs.latest(watched),
      this.store.jobs.states([...this.watches.keys()]),
    ]);
    for (const watch of watched) {
      const now = `${numbers.get(`${watch.jobId}/${watch.type}`) ?? -1} ${states.get(watch.jobId) ?? ""}`;
      if (watch.seen === now) continue;
      watch.seen = now;
      rouse(watch);
    }
  }
}

function rouse(watch: Watch): void {
  watch.changed = true;
  watch.wake?.();
}

async function nextChange(watch: Watch, milliseconds: number): Promise<void> {
  if (!watch.changed) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    watch.wake = resolve;
    await promise;
    clearTimeout(timer);
    watch.wake = undefined;
  }
  watch.changed = false;
}
