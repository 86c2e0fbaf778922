import { isTerminal, type LogType, PHASES, type Phase } from "../../shared/phases.ts";
import { describeError, type Logger } from "../log/logger.ts";
import type { LogFragment } from "../store/logs.ts";
import type { Store } from "../store/store.ts";
import type { JobFeed } from "./feed.ts";

/** Fragments read at once for a stream, so that a long log is never held whole. */
const PAGE = 64;

/** Milliseconds of silence after which a stream shows that it is alive; shorter than the idle limits of proxies. */
const HEARTBEAT = 15_000;

export interface LogServiceOptions {
  store: Pick<Store, "jobs" | "logs">;
  feed: JobFeed;
  now: () => Date;
  log: Logger;
}

/** Which part of a log is wanted, in the words of its query parameters (server-api section 6.16). */
export interface LogSlice {
  start_fragment?: number;
  start_timestamp?: Date;
  phase?: Phase;
}

/**
 * What happens to a watched job, in order; `silence` only keeps the connection alive. `resumeAt` is the number from which a reader goes on that has
 * got no further: that of the fragment itself if there are more of it, which the reader then gets again rather than to miss one.
 */
export type LogEvent =
  | { readonly kind: "fragment"; readonly fragment: LogFragment; readonly resumeAt: number }
  | { readonly kind: "state"; readonly state: string }
  | { readonly kind: "end"; readonly state: string }
  | { readonly kind: "silence" };

/** Logs in fragments: agents append, people read and follow (server-api sections 6.15 and 6.16). */
export class LogService {
  constructor(private readonly options: LogServiceOptions) {}

  /** Keeps a fragment once. Fragments of unknown jobs are dropped: agents would repeat any answer but success for ever. */
  async append(fragment: LogFragment): Promise<void> {
    const { store, feed, log, now } = this.options;
    const job = await store.jobs.summary(fragment.jobId);
    if (!job) return log.warn("log fragment for an unknown job", { job_id: fragment.jobId });
    const outcome = await store.logs.append(fragment, now());
    if (outcome === "conflicting")
      log.warn("another log fragment has this number", {
        job_id: fragment.jobId,
        log_type: fragment.type,
        fragment_number: fragment.number,
      });
    if (job.leasedUntil) await store.jobs.acknowledge(fragment.jobId);
    if (outcome === "stored") feed.notify(fragment.jobId);
  }

  /** All phases, or the one asked for, with the text of the matching fragments. */
  async read(
    jobId: string,
    type: LogType,
    slice: LogSlice,
  ): Promise<Record<string, { last_fragment_number: number; log_data: string }>> {
    const { start_fragment: from = 0, start_timestamp: since, phase } = slice;
    const fragments = Map.groupBy(
      await this.options.store.logs.read({ jobId, type, from, since, phase }),
      (fragment) => fragment.phase,
    );
    return Object.fromEntries(
      (phase ? [phase] : PHASES).map((name) => {
        const parts = fragments.get(name) ?? [];
        return [
          name,
          { last_fragment_number: parts.at(-1)?.number ?? -1, log_data: parts.map((part) => part.data).join("") },
        ];
      }),
    );
  }

  /**
   * Follows a slice of a log: its state first, then fragments as they come and every change of state, until the job has ended and all is told. Null for
   * an unknown job.
   *
   * @param signal aborted when the reader leaves
   */
  async follow(
    jobId: string,
    type: LogType,
    slice: LogSlice,
    signal: AbortSignal,
  ): Promise<AsyncGenerator<LogEvent> | null> {
    return (await this.options.store.jobs.summary(jobId)) ? this.events(jobId, type, slice, signal) : null;
  }

  private async *events(jobId: string, type: LogType, slice: LogSlice, signal: AbortSignal): AsyncGenerator<LogEvent> {
    const { store, feed, log } = this.options;
    const subscription = feed.subscribe(jobId, type, signal);
    let next = slice.start_fragment ?? 0,
      told: string | undefined;
    try {
      while (!signal.aborted && !feed.closed) {
        // The state is read before the log: fragments posted before the job ended are then surely told before its end.
        const state = (await store.jobs.states([jobId])).get(jobId);
        if (state === undefined) return;
        let silent = true;
        if (state !== told && !isTerminal(state)) {
          yield { kind: "state", state };
          silent = false;
        }
        for (let page = await this.page(jobId, type, slice, next); page.length > 0;) {
          for (const [index, fragment] of page.entries()) {
            const { number } = fragment;
            const isLastOfNumber = page[index + 1]?.number !== number;
            yield { kind: "fragment", fragment, resumeAt: isLastOfNumber ? number + 1 : number };
          }
          next = (page.at(-1) as LogFragment).number + 1;
          silent = false;
          page = await this.page(jobId, type, slice, next);
        }
        if (isTerminal(state)) {
          yield { kind: "state", state };
          yield { kind: "end", state };
          return;
        }
        if (silent && told !== undefined) yield { kind: "silence" };
        told = state;
        await subscription.next(HEARTBEAT);
      }
    } catch (error) {
      // The answer has begun long ago: nobody else will tell of it.
      log.error("log stream broke off", { job_id: jobId, log_type: type, ...describeError(error) });
      throw error;
    } finally {
      subscription.end();
    }
  }

  private page(jobId: string, type: LogType, slice: LogSlice, from: number): Promise<LogFragment[]> {
    const { start_timestamp: since, phase } = slice;
    return this.options.store.logs.read({ jobId, type, from, since, phase, limit: PAGE });
  }
}
