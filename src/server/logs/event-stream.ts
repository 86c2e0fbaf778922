import { eventStream as streamOf, HEARTBEAT, serverEvent } from "../http/event-stream.ts";
import type { LogEvent } from "./service.ts";

/** Server-Sent Events of a followed log. */
export const eventStream = (events: AsyncGenerator<LogEvent>): Response => streamOf(frames(events));

async function* frames(events: AsyncGenerator<LogEvent>): AsyncGenerator<string> {
  for await (const event of events) yield frame(event);
}

function frame(event: LogEvent): string {
  switch (event.kind) {
    case "fragment": {
      const { number, phase, timestamp, data } = event.fragment;
      return serverEvent(
        "fragment",
        { fragment_number: number, phase, timestamp: timestamp.toISOString(), log_data: data },
        event.resumeAt - 1,
      );
    }
    case "state":
    case "end":
      return serverEvent(event.kind, { job_state: event.state });
    case "silence":
      return HEARTBEAT;
  }
}
