import { renderToString } from "preact-render-to-string";
import { LOG_TYPES, type LogType } from "../../../shared/phases.ts";
import { HEARTBEAT, serverEvent } from "../../http/event-stream.ts";
import type { LogEvent, LogService } from "../../logs/service.ts";
import { merge } from "../live/merge.ts";
import type { Pulse } from "../live/pulse.ts";
import type { Line } from "./lines.ts";
import { NumberedLines } from "./log-text.tsx";
import { Terminal } from "./terminal.ts";
import type { LogWindows } from "./windows.ts";

/** Numbers of the fragments that a page wants next. */
export type Places = Record<LogType, number>;

export interface FollowOptions {
  readonly logs: LogService;
  readonly windows: LogWindows;
  readonly pulse: Pulse;
}

export interface Followed {
  readonly jobId: string;
  readonly from: Places;
  /** The state that the page shows. */
  readonly state: string;
  readonly signal: AbortSignal;
}

const WAITING = "waiting";

/** Of a log that is followed for the job's state only. */
const NO_FRAGMENT = { start_fragment: Number.MAX_SAFE_INTEGER };

/** `output.serial`: what `Last-Event-ID` resumes. */
const eventId = (places: Places): string => LOG_TYPES.map((type) => places[type]).join(".");

export function placesOf(id: string | null): Places | undefined {
  const [, output, serial] = /^(\d{1,15})\.(\d{1,15})$/.exec(id ?? "") ?? [];
  return output === undefined ? undefined : { output: Number(output), serial: Number(serial) };
}

/** Lines of one event at most: a page that gets more at once shows the last of them and offers the others. */
const LINES_TOLD = 1000;

/**
 * Events of a job's page: `lines` {log, first, html} of either log, `changed` when the page should fetch itself again, `end` when nothing more
 * comes. Null for an unknown job.
 */
export async function followJob(options: FollowOptions, job: Followed): Promise<AsyncGenerator<string> | null> {
  const states = await options.logs.follow(job.jobId, "output", NO_FRAGMENT, job.signal);
  return states && new Following(options, job).events(states);
}

class Following {
  private readonly places: Places;
  private readonly started = new AbortController();
  private ended = false;

  constructor(
    private readonly options: FollowOptions,
    private readonly job: Followed,
  ) {
    this.places = { ...job.from };
  }

  async *events(states: AsyncGenerator<LogEvent>): AsyncGenerator<string> {
    // At once, so that the browser knows that it is connected.
    yield HEARTBEAT;
    yield* merge(this.changes(states), this.turns(), ...LOG_TYPES.map((log) => this.lines(log)));
    // Without this the server is stopping, and the browser comes back.
    if (this.ended) yield serverEvent("end", {});
  }

  private async *lines(log: LogType): AsyncGenerator<string> {
    const { jobId, from, signal } = this.job;
    const events = await this.options.logs.follow(jobId, log, { start_fragment: from[log] }, signal);
    if (!events) return;
    const cutter = await this.options.windows.cutterAt(jobId, log, from[log]);
    const terminal = new Terminal();
    for await (const event of events) {
      if (event.kind !== "fragment") continue;
      this.places[log] = event.resumeAt;
      const lines = cutter.add(event.fragment.data).slice(-LINES_TOLD);
      if (lines.length > 0) yield serverEvent("lines", told(log, lines, terminal), eventId(this.places));
    }
  }

  /** Changes of the job's state. */
  private async *changes(states: AsyncGenerator<LogEvent>): AsyncGenerator<string> {
    let { state } = this.job;
    if (state !== WAITING) this.started.abort();
    for await (const event of states) {
      if (event.kind === "silence") yield HEARTBEAT;
      if (event.kind === "end") this.ended = true;
      if (event.kind !== "state" || event.state === state) continue;
      state = event.state;
      if (state !== WAITING) this.started.abort();
      yield serverEvent("changed", {});
    }
    this.started.abort();
  }

  /** Changes of its place in the queue, which depends on other jobs. */
  private async *turns(): AsyncGenerator<string> {
    const waiting = AbortSignal.any([this.job.signal, this.started.signal]);
    for await (const beat of this.options.pulse.follow(["jobs"], waiting))
      if (beat === "changed") yield serverEvent("changed", {});
  }
}

const told = (log: LogType, lines: readonly Line[], terminal: Terminal) => ({
  log,
  first: lines[0]?.number,
  html: renderToString(<NumberedLines log={log} lines={lines} terminal={terminal} />),
});
