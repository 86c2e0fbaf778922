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
    this.#reservedUntil = undefined;
    this.#draw();
  }

  /** Learns from the device's output; gives it back without the lines that the status line says better. */
  observe(text: string): string {
    const lines = text.split(/(?<=\n)/);
    if (this.#state === "reserve") this.#reserve(lines.map(reservationEnd).findLast((end) => end !== undefined));
    if (this.#state !== "provision") return text;
    const kept = lines.filter((line) => !isProvisioningNoise(line.trimEnd()));
    if (kept.length < lines.length) this.#say("Deployment in progress...");
    return kept.join("");
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
    return `[${this.#clockText()}] [${this.#state}] ${this.#message}`;
  }

  #reserve(end: Date | undefined): void {
    if (!end) return;
    this.#reservedUntil = end;
    this.#message = `Reservation expires at: [${localIso(end)}]`;
    this.#draw();
  }

  #say(message: string): void {
    if (this.#message === message) return;
    this.#message = message;
    this.screen.line(this.#text());
    this.#draw();
  }

  /** Time since the beginning, or what is left of a reservation. */
  #clockText(): string {
    if (!this.#reservedUntil) return clockText(this.#seconds());
    const left = Math.ceil((this.#reservedUntil.getTime() - this.clock.now().getTime()) / 1000);
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
