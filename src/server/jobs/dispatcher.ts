import type { Job, JobStore } from "../store/jobs.ts";
import { Poller } from "../store/poller.ts";
import { Deadlines, type Slot } from "./deadlines.ts";

export interface AgentWaiting {
  readonly agent: string;
  readonly queues: readonly string[];
  /** The agent has hung up. */
  readonly signal: AbortSignal;
}

export interface DispatcherOptions {
  jobs: Pick<JobStore, "queuesWithWork">;
  /** Takes the next job for an agent out of the store, where there is thought to be one. */
  pop: (waiting: AgentWaiting) => Promise<Job | null>;
  /** A popped job could not be handed over. */
  putBack: (job: Job, agent: string) => Promise<void>;
  /** Do other processes add jobs to the same store? */
  shared: boolean;
  onError: (error: unknown) => void;
}

/** One wait of one agent; as an object without functions of its own, since there are thousands. */
class Waiter implements EventListenerObject {
  /** Where the end of its time is kept. */
  slot: Slot<Waiter> | undefined;
  readonly job: Promise<Job | null>;
  private resolve: ((job: Job | null) => void) | undefined;

  constructor(
    readonly agent: AgentWaiting,
    private readonly onEnd: (waiter: Waiter) => void,
  ) {
    const { promise, resolve } = Promise.withResolvers<Job | null>();
    this.job = promise;
    this.resolve = resolve;
    agent.signal.addEventListener("abort", this);
  }

  /** Ends the wait with a job or with nothing; false if it has ended already. */
  end(job: Job | null): boolean {
    if (this.resolve === undefined) return false;
    this.resolve(job);
    this.resolve = undefined;
    this.agent.signal.removeEventListener("abort", this);
    this.onEnd(this);
    return true;
  }

  get isOver(): boolean {
    return this.resolve === undefined;
  }

  /** The agent has hung up. */
  handleEvent(): void {
    this.end(null);
  }
}

/**
 * Agents that wait for a job. A submission wakes the one that has waited longest on the queue; jobs submitted to other processes are found by
 * one query per interval for all waiting agents together, however many they are.
 */
export class Dispatcher {
  /** Queue -> agents in the order in which they came. */
  private readonly waiting = new Map<string, Waiter[]>();
  /** Queues being served, and whether they were woken again meanwhile. */
  private readonly serving = new Map<string, { again: boolean }>();
  private readonly deadlines = new Deadlines<Waiter>({
    elapsed: () => performance.now(),
    expire: (waiter) => waiter.end(null),
  });
  private readonly poller: Poller;
  private closed = false;

  constructor(private readonly options: DispatcherOptions) {
    this.poller = new Poller({
      look: () => this.wakeThoseWithWork([...this.waiting.keys()]),
      onError: options.onError,
    });
  }

  /** The next job for the agent as soon as there is one; null after `milliseconds`, when it hangs up, and when the server stops. */
  wait(agent: AgentWaiting, milliseconds: number): Promise<Job | null> {
    if (this.closed || agent.signal.aborted) return Promise.resolve(null);
    const waiter = new Waiter(agent, this.leave);
    waiter.slot = this.deadlines.add(waiter, milliseconds);
    this.enter(waiter);
    // A job may have come between the caller's own look and this entry.
    void this.wakeThoseWithWork(agent.queues).catch(this.options.onError);
    return waiter.job;
  }

  /** There may be work in the queue: serve those who wait for it. */
  wake(queue: string): void {
    const running = this.serving.get(queue);
    if (running) {
      running.again = true;
      return;
    }
    if (!this.waiting.has(queue)) return;
    const turn = { again: false };
    this.serving.set(queue, turn);
    void this.serve(queue, turn)
      .catch(this.options.onError)
      .finally(() => {
        this.serving.delete(queue);
        if (turn.again) this.wake(queue);
      });
  }

  /** Ends all waits with nothing. */
  close(): void {
    this.closed = true;
    this.poller.stop();
    for (const waiter of [...this.waiting.values()].flat()) waiter.end(null);
  }

  get size(): number {
    return new Set([...this.waiting.values()].flat()).size;
  }

  private async serve(queue: string, turn: { readonly again: boolean }): Promise<void> {
    // A copy, since those that are served leave. Those that come meanwhile have the queue looked at again.
    for (const waiter of this.waiting.get(queue)?.slice() ?? []) {
      const { agent } = waiter;
      if (waiter.isOver) continue;
      const job = await this.options.pop(agent);
      if (job && !waiter.end(job)) await this.options.putBack(job, agent.agent);
      if (job) continue;
      // A job may be there that excludes this agent: then the next one is asked. One that came meanwhile is offered to the first again.
      const more = (await this.options.jobs.queuesWithWork([queue])).length > 0;
      if (!more || turn.again) return;
    }
  }

  private enter(waiter: Waiter): void {
    for (const queue of waiter.agent.queues) {
      const waiters = this.waiting.get(queue);
      if (waiters) waiters.push(waiter);
      else this.waiting.set(queue, [waiter]);
    }
    if (this.options.shared) this.poller.start();
  }

  private readonly leave = (waiter: Waiter): void => {
    if (waiter.slot) this.deadlines.remove(waiter, waiter.slot);
    for (const queue of waiter.agent.queues) {
      const waiters = this.waiting.get(queue) ?? [];
      waiters.splice(waiters.indexOf(waiter), 1);
      if (waiters.length === 0) this.waiting.delete(queue);
    }
    if (this.waiting.size === 0) this.poller.stop();
  };

  private async wakeThoseWithWork(queues: readonly string[]): Promise<void> {
    for (const queue of await this.options.jobs.queuesWithWork(queues)) this.wake(queue);
  }
}
