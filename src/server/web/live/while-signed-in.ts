import { serverEvent } from "../../http/event-stream.ts";

/**
 * Events of a stream until the reader is signed in no more, which is looked at before each: a stream may live for days, and must not outlive the session
 * that it was opened in (ASVS 5.0 control 7.4.1). Streams give a sign of life every few seconds. The reader is told.
 */
export async function* whileSignedIn(
  events: AsyncGenerator<string>,
  isSignedIn: () => Promise<boolean>,
): AsyncGenerator<string> {
  for await (const event of events) {
    if (!(await isSignedIn())) {
      yield serverEvent("signed-out", {});
      return;
    }
    yield event;
  }
}
