import type { Output } from "../context.ts";
import { stringify } from "../format/python-json.ts";
import type { JobEvent } from "./events.ts";
import type { EventDisplay } from "./job-display.ts";

/** What happens to a job, for programs: one JSON object on each line. Names and meanings of the fields do not change. */
export class EventLines implements EventDisplay {
  #state: string | undefined;
  #ahead: number | undefined;

  constructor(private readonly output: Output) {}

  show(event: JobEvent): void {
    switch (event.kind) {
      case "output":
        return this.#write({ event: "output", text: event.text, next_fragment: event.next });
      case "state":
        if (event.state === this.#state) return;
        this.#state = event.state;
        return this.#write({ event: "state", job_state: event.state });
      case "position":
        if (event.ahead === this.#ahead) return;
        this.#ahead = event.ahead;
        return this.#write({ event: "position", jobs_ahead: event.ahead });
      case "phase-ended":
        return this.#write({ event: "phase-ended", phase: event.phase, exit_code: event.exitCode });
    }
  }

  pause(): void {}

  resume(): void {}

  close(): void {}

  #write(fields: Readonly<Record<string, unknown>>): void {
    this.output.write(`${stringify(fields)}\n`);
  }
}
