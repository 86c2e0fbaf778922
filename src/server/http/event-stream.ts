const encoder = new TextEncoder();

/**
 * Server-Sent Events (HTML standard section 9.2). The reader's pace sets the producer's.
 *
 * @param events finished pieces of the stream, as `serverEvent` makes them
 */
export function eventStream(events: AsyncGenerator<string>): Response {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { value, done } = await events.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      } catch {
        // An error in mid-stream would look like a clean end: the reader is told to come back.
        controller.enqueue(encoder.encode(serverEvent("error", {})));
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

/** One event. JSON keeps text from devices on one line, so that it cannot forge fields of the stream. */
export const serverEvent = (name: string, data: unknown, id?: string | number): string =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

/** Shows a silent reader, and the proxies between, that the stream is alive. */
export const HEARTBEAT = ": alive\n\n";
