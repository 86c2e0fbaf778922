import { UnexpectedAnswer } from "./errors.ts";

/** One event of a stream (HTML standard, section 9.2.6). */
export interface ServerSentEvent {
  readonly event: string;
  /** The last id that the stream has named, also by earlier events. */
  readonly id: string | undefined;
  readonly data: string;
}

/** A fragment of a log has at most some megabytes; more is a server gone wrong. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/**
 * Reads `text/event-stream`. An event without its closing empty line, cut off by the end of the stream, is dropped.
 *
 * @throws {UnexpectedAnswer} for an event without end
 */
export async function* serverSentEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let id: string | undefined;
  let event = "message";
  let data: string[] = [];
  for await (const line of lines(chunks)) {
    if (line === "") {
      if (data.length > 0) yield { event, id, data: data.join("\n") };
      event = "message";
      data = [];
      continue;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line)!;
    if (field === "event") event = value!;
    else if (field === "data") data.push(value!);
    else if (field === "id" && !value!.includes("\0")) id = value;
  }
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    // A CR at the very end may be the first half of CR LF.
    const complete = rest.split(/\r\n|\n|\r(?!$)/);
    rest = complete.pop()!;
    yield* complete;
    if (rest.length > MAX_EVENT_LENGTH) throw new UnexpectedAnswer("The server sent a line without end");
  }
}
