import type { Phase } from "../../shared/phases.ts";
import { errorOf } from "./decode.ts";
import { ConnectionFailure, HttpError, UnexpectedAnswer } from "./errors.ts";
import { serverSentEvents } from "./event-stream.ts";
import { jittered } from "./jitter.ts";
import { query } from "./path.ts";
import type { Requester } from "./requester.ts";
import type { Answer } from "./transport.ts";

/** `fragment`, `state` or `end`; others are for newer clients. */
export interface LogEvent {
  readonly event: string;
  /** Number of the last fragment so far. */
  readonly id: string | undefined;
  /** The value of JSON data; other data as it is. */
  readonly data: unknown;
}

export interface FollowOptions {
  /** Number of the first fragment that is wanted. */
  readonly from: number;
  readonly phase?: Phase;
  readonly signal?: AbortSignal;
}

/** Servers send a sign of life far more often. */
export const STREAM_IDLE_TIMEOUT_MS = 45_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Reconnections in a row that brought nothing new, before the caller is left to other means. */
const MOST_ATTEMPTS = 6;

/**
 * Follows a log (design section 4), reconnecting with `Last-Event-ID` whenever the connection ends before the log does.
 *
 * @returns undefined when the server answers 404: it has no such stream
 * @throws as `Requester`, also while iterating; {ConnectionFailure} when reconnecting keeps failing
 */
export async function followLog(
  requester: Requester,
  target: string,
  options: FollowOptions,
): Promise<AsyncIterable<LogEvent> | undefined> {
  const follower = new Follower(requester, target + query([["phase", options.phase]]), options);
  try {
    return follower.events(await follower.connect());
  } catch (error) {
    if (error instanceof HttpError && error.status === 404) return undefined;
    throw error;
  }
}

class Follower {
  #lastId: string | undefined;

  constructor(
    private readonly requester: Requester,
    private readonly target: string,
    private readonly options: FollowOptions,
  ) {
    if (options.from > 0) this.#lastId = String(options.from - 1);
  }

  async connect(): Promise<Answer> {
    const answer = await this.requester.open(this.target, {
      method: "GET",
      headers: {
        Accept: "text/event-stream",
        ...(this.#lastId !== undefined && { "Last-Event-ID": this.#lastId }),
      },
      idleTimeoutMs: STREAM_IDLE_TIMEOUT_MS,
      signal: this.options.signal,
    });
    if (answer.status !== 200) throw errorOf(answer.status, await answer.text());
    if (/^text\/event-stream\b/i.test(answer.headers.get("content-type") ?? "")) return answer;
    // The page of a proxy, which waiting for events would never tell from silence.
    await answer.discard();
    throw new UnexpectedAnswer("The server sent something else than a live log");
  }

  async *events(first: Answer): AsyncGenerator<LogEvent> {
    let connection: Answer | undefined = first;
    for (let failures = 0; ;) {
      let cause: unknown;
      try {
        connection ??= await this.connect();
        for await (const { event, id, data } of serverSentEvents(connection.chunks())) {
          // The server's way to say that this connection is of no more use.
          if (event === "error") break;
          failures = 0;
          this.#lastId = id ?? this.#lastId;
          yield { event, id: this.#lastId, data: valueOf(data) };
          if (event === "end") return;
        }
      } catch (error) {
        if (!isTransient(error)) throw error;
        cause = error;
      }
      connection = undefined;
      failures++;
      if (failures >= MOST_ATTEMPTS)
        throw cause ?? new ConnectionFailure("The live log keeps breaking off", "connection");
      const { clock, random } = this.requester;
      await clock.sleep(jittered(pause(failures), random), this.options.signal);
    }
  }
}

const pause = (failures: number) => Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);

const isTransient = (error: unknown) =>
  error instanceof ConnectionFailure || (error instanceof HttpError && (error.status >= 500 || error.status === 429));

function valueOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}
