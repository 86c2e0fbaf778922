import type { LogEvent } from "./service.ts";

const encoder = new TextEncoder();

/** Server-Sent Events (HTML standard section 9.2) of a followed log. The reader's pace sets the producer's. */
export function eventStream(events: AsyncGenerator<LogEvent>): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await events.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(frame(value)));
      } catch {
        // An error in mid-stream would look like a clean end: the reader is told to come back.
        controller.enqueue(encoder.encode("event: error\ndata: {}\n\n"));
        controller.close();
      }
    },
    async cancel() {
      await events.return(undefined);
    },
  });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-accel-buffering": "no",
    },
  });
}

/** JSON keeps device text on one line, so that it cannot forge fields of the stream. */
function frame(event: LogEvent): string {
  switch (event.kind) {
    case "fragment": {
      const { number, phase, timestamp, data } = event.fragment;
      return message(
        "fragment",
        { fragment_number: number, phase, timestamp: timestamp.toISOString(), log_data: data },
        number,
      );
    }
    case "state":
    case "end":
      return message(event.kind, { job_state: event.state });
    case "silence":
      return ": alive\n\n";
  }
}

const message = (event: string, data: unknown, id?: number): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
