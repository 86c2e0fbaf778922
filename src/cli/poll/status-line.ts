import { isTerminal } from "../../shared/phases.ts";
import type { Clock } from "../context.ts";
import type { Screen } from "./screen.ts";
import { clockText, isProvisioningNoise, messageOf, reservationEnd } from "./status.ts";

/** The `[{clock}] [{state}] {message}` line of a terminal, redrawn every second (command-line section 8.5). */
export class StatusLine {
  readonly #begun: number;
  readonly #closed = new AbortController();
  #state: string;
  #message: string;
  #reservedUntil: Date | undefined;
  #paused = false;

  constructor(
    private readonly screen: Screen,
    private readonly clock: Clock,
    state: string,
  ) {
    this.#begun = clock.elapsed();
    this.#state = state;
    this.#message = messageOf(state);
    void this.#keepDrawing();
  }

  enter(state: string): void {
    this.#state = state;
    this.#message = messageOf(state);
    this.#draw();
  }

  /** Shows output of the device, and learns from it. */
  show(text: string): void {
    const lines = text.split(/(?<=\n)/);
    this.#reservedUntil = lines.map(reservationEnd).findLast((end) => end !== undefined) ?? this.#reservedUntil;
    const kept = this.#state === "provision" ? lines.filter((line) => !isProvisioningNoise(line)) : lines;
    this.screen.text(kept.join(""));
    if (kept.length < lines.length) this.#say("Deployment in progress...");
  }

  pause(): void {
    this.#paused = true;
    this.screen.status(undefined);
  }

  resume(): void {
    this.#paused = false;
    this.#draw();
  }

  /** The last words about a job that has ended, and an end to the drawing. */
  close(): void {
    this.#closed.abort();
    this.screen.status(undefined);
    if (!isTerminal(this.#state)) return;
    const total = clockText(this.#seconds(), { hours: true });
    const how = this.#state === "cancelled" ? "Job cancelled" : "Job complete";
    this.screen.line(`[${this.#clockText()}] [${this.#state}] ${how} - Total time in use: ${total}`);
  }

  async #keepDrawing(): Promise<void> {
    try {
      for (;;) {
        this.#draw();
        await this.clock.sleep(1_000, this.#closed.signal);
      }
    } catch (error) {
      if (!this.#closed.signal.aborted) throw error;
    }
  }

  #draw(): void {
    if (!this.#paused && !isTerminal(this.#state)) this.screen.status(this.#text());
  }

  #text(): string {
    const end = this.#reservationEnd;
    const message = end ? `Reservation expires at: [${localIso(end)}]` : this.#message;
    return `[${this.#clockText()}] [${this.#state}] ${message}`;
  }

  get #reservationEnd(): Date | undefined {
    return this.#state === "reserve" ? this.#reservedUntil : undefined;
  }

  #say(message: string): void {
    if (this.#message === message) return;
    this.#message = message;
    this.screen.line(this.#text());
    this.#draw();
  }

  /** Time since the beginning, or what is left of a reservation. */
  #clockText(): string {
    const end = this.#reservationEnd;
    if (!end) return clockText(this.#seconds());
    const left = Math.ceil((end.getTime() - this.clock.now().getTime()) / 1000);
    return clockText(Math.max(0, left));
  }

  #seconds(): number {
    return Math.floor((this.clock.elapsed() - this.#begun) / 1000);
  }
}

/** `2026-11-23T10:20:30` in the zone of the machine. */
function localIso(date: Date): string {
  const offset = date.getTimezoneOffset() * 60_000;
  return new Date(date.getTime() - offset).toISOString().slice(0, 19);
}
