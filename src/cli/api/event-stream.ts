import { UnexpectedAnswer } from "./errors.ts";

/** One event of a stream (HTML standard, section 9.2.6). */
export interface ServerSentEvent {
  readonly event: string;
  /** The last id that the stream has named, also by earlier events. */
  readonly id: string | undefined;
  readonly data: string;
}

/** In UTF-16 units. A fragment of a log has at most some megabytes; more is a server gone wrong. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/**
 * Reads `text/event-stream`. An event without its closing empty line, cut off by the end of the stream, is dropped.
 *
 * @throws {UnexpectedAnswer} for an event longer than `limit`
 */
export async function* serverSentEvents(
  chunks: AsyncIterable<Uint8Array>,
  limit = MAX_EVENT_LENGTH,
): AsyncGenerator<ServerSentEvent> {
  let id: string | undefined;
  let event = "message";
  let data: string[] = [];
  let length = 0;
  for await (const line of lines(chunks, limit)) {
    if (line === "") {
      if (data.length > 0) yield { event, id, data: data.join("\n") };
      event = "message";
      data = [];
      length = 0;
      continue;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) as unknown as [string, string, string];
    length += line.length;
    if (length > limit) throw tooLong();
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>, limit: number): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    rest += text;
    if (rest.length > limit + text.length) throw tooLong();
    // Looking through all of a long line again for every chunk would take quadratic time.
    if (!/[\r\n]/.test(text) && !rest.endsWith("\r" + text)) continue;
    // A CR at the very end may be the first half of CR LF.
    const complete = rest.split(/\r\n|\n|\r(?!$)/);
    rest = complete.pop()!;
    yield* complete;
  }
}

const tooLong = () => new UnexpectedAnswer("The server sent an event without end");
