import { isTerminal } from "../../shared/phases.ts";
import { UnexpectedAnswer } from "../api/errors.ts";
import type { Clock } from "../context.ts";
import type { JobEvent, Progress, StreamEvent } from "./events.ts";
import { type Following, pollEvents } from "./polling.ts";

/** How often the place of a waiting job in its queue is looked up. */
const POSITION_INTERVAL_MS = 10_000;

type JobEvents<R> = AsyncGenerator<JobEvent, R, undefined>;

/**
 * Follows a job over the server's live stream; on a server without one, by polling. A stream that breaks is opened
 * again behind the last fragment shown.
 * @param known progress that is recent enough to begin with
 */
export function followEvents(following: Following, known?: Progress): JobEvents<void> {
  const { phase } = following;
  // What has ended needs no live view, and a stream would not tell that the phase is over.
  const over = known && (isTerminal(known.state) || (phase && known.exitCodes[phase] !== undefined));
  return over ? pollEvents(following, known) : new LiveLog(following).events(known);
}

class LiveLog {
  private next: number;
  private waiting = false;

  constructor(private readonly following: Following) {
    this.next = following.startFragment;
  }

  async *events(known?: Progress): JobEvents<void> {
    const { job, trouble, signal } = this.following;
    for (;;) {
      try {
        const stream = await job.stream(this.next, signal);
        if (!stream) return yield* pollEvents({ ...this.following, startFragment: this.next }, known);
        if (yield* this.read(stream)) return;
        throw new UnexpectedAnswer("the live log broke off");
      } catch (error) {
        signal.throwIfAborted();
        await trouble.waitOut(error);
      }
    }
  }

  /** @returns true when there is nothing more to come */
  private async *read(stream: AsyncIterable<StreamEvent>): JobEvents<boolean> {
    const { phase, clock, trouble, signal } = this.following;
    for await (const event of withTicks(stream, () => this.waiting, clock, signal)) {
      trouble.over();
      if (event !== "tick" && event.kind === "fragment") {
        this.next = event.number + 1;
        yield { kind: "output", text: event.text, next: this.next };
        continue;
      }
      if (event !== "tick") {
        this.waiting = event.state === "waiting";
        yield { kind: "state", state: event.state };
      }
      if ((this.waiting || phase) && (yield* this.inspect())) return true;
      if (event !== "tick" && event.kind === "end") return true;
    }
    return false;
  }

  /** Looks up what no stream tells: the place in the queue, and whether the phase is over. */
  private async *inspect(): JobEvents<boolean> {
    const { job, phase } = this.following;
    const { position, exitCodes } = await job.progress();
    if (this.waiting && typeof position === "number") yield { kind: "position", ahead: position };
    const exitCode = phase && exitCodes[phase];
    if (!phase || exitCode === undefined) return false;
    // Output of the phase may still be on its way down the stream.
    const { text, last } = await job.log(this.next);
    if (last >= 0 && text !== "") {
      this.next = last + 1;
      yield { kind: "output", text, next: this.next };
    }
    yield { kind: "phase-ended", phase, exitCode };
    return true;
  }
}

/** What a stream yields, and `tick` whenever nothing came for a while although `isWanted`. */
async function* withTicks<T>(
  stream: AsyncIterable<T>,
  isWanted: () => boolean,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<T | "tick", void, undefined> {
  const events = stream[Symbol.asyncIterator]();
  const nextEvent = () => {
    const event = events.next();
    // It may fail while nobody waits for it, and is then met at the next round, or never when there is none.
    event.catch(() => undefined);
    return event;
  };
  try {
    for (let pending = nextEvent(); ;) {
      const first = await (isWanted() ? orTick(pending, clock, signal) : pending);
      signal.throwIfAborted();
      if (first === "tick") yield first;
      else if (first.done) return;
      else {
        pending = nextEvent();
        yield first.value;
      }
    }
  } finally {
    events.return?.().catch(() => undefined);
  }
}

async function orTick<T>(pending: Promise<T>, clock: Clock, signal: AbortSignal): Promise<T | "tick"> {
  const arrived = new AbortController();
  const silence = clock.sleep(POSITION_INTERVAL_MS, AbortSignal.any([signal, arrived.signal]));
  const tick = () => "tick" as const;
  try {
    return await Promise.race([pending, silence.then(tick, tick)]);
  } finally {
    arrived.abort();
  }
}
