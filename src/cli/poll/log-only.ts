import type { JobEvent } from "./events.ts";
import type { EventDisplay } from "./job-display.ts";
import type { Screen } from "./screen.ts";

/** The log of a job and not a word of our own (W28). */
export class LogOnly implements EventDisplay {
  constructor(private readonly screen: Screen) {}

  show(event: JobEvent): void {
    if (event.kind === "output") this.screen.text(event.text);
  }

  pause(): void {}

  resume(): void {}

  close(): void {
    this.screen.close();
  }
}
