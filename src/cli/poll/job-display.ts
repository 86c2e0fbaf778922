import type { Clock } from "../context.ts";
import type { JobEvent } from "./events.ts";
import type { Screen } from "./screen.ts";
import { durationText } from "./status.ts";
import type { StatusLine } from "./status-line.ts";

/** Where the events of a followed job are shown. */
export interface EventDisplay {
  show(event: JobEvent): void;
  /** Leaves the bottom of the screen to a prompt. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Shows people what happens to a job: its log, its states and how long they lasted, its place in the queue. */
export class JobDisplay implements EventDisplay {
  #state: { name: string; since: number } | undefined;
  #ahead: number | undefined;

  /** @param status only on terminals */
  constructor(
    private readonly screen: Screen,
    private readonly clock: Clock,
    private readonly status?: StatusLine,
  ) {}

  show(event: JobEvent): void {
    if (event.kind === "output") this.#output(event.text);
    else if (event.kind === "state") this.#enter(event.state);
    else if (event.kind === "position") this.#place(event.ahead);
  }

  pause(): void {
    this.status?.pause();
  }

  resume(): void {
    this.status?.resume();
  }

  close(): void {
    this.status?.close();
    this.screen.close();
  }

  #output(text: string): void {
    if (this.status) this.status.show(text);
    else this.screen.text(text);
  }

  #enter(name: string): void {
    if (this.#state?.name === name) return;
    const now = this.clock.elapsed();
    if (this.#state) {
      const seconds = Math.floor((now - this.#state.since) / 1000);
      this.screen.line(`State '${this.#state.name}' lasted ${durationText(seconds)}`);
    }
    this.#state = { name, since: now };
    this.status?.enter(name);
  }

  #place(ahead: number): void {
    if (this.#ahead === ahead) return;
    this.#ahead = ahead;
    const after = ahead > 0 ? `and ${ahead} job(s) ahead of it are complete` : "is complete: it is next in line";
    this.screen.line(`This job will be picked up after the current job ${after}`);
  }
}
