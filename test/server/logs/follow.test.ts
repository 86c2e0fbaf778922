import { describe, expect, test } from "bun:test";
import { eventStream } from "../../../src/server/logs/event-stream.ts";
import { JobFeed } from "../../../src/server/logs/feed.ts";
import { type LogEvent, LogService } from "../../../src/server/logs/service.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import type { LogFragment } from "../../../src/server/store/logs.ts";
import type { Phase } from "../../../src/shared/phases.ts";

const JOB = "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11";

/** One job whose state and log a test moves on. */
function lab({ shared = false } = {}) {
  const log: LogFragment[] = [];
  const job = { state: "waiting" };
  const store = {
    shared,
    jobs: {
      summary: async (id: string) => (id === JOB ? { id, state: job.state } : null),
      states: async (ids: readonly string[]) => new Map(ids.filter((id) => id === JOB).map((id) => [id, job.state])),
    },
    logs: {
      read: async ({ from = 0, limit = Infinity, phase }: { from?: number; limit?: number; phase?: Phase }) =>
        log.filter((one) => one.number >= from && (!phase || one.phase === phase)).slice(0, limit),
      latest: async () => new Map(log.length ? [[`${JOB}/output`, (log.at(-1) as LogFragment).number]] : []),
    },
  } as never;
  const feed = new JobFeed(store, (error) => {
    throw error;
  });
  const logs = new LogService({
    store,
    feed,
    now: () => new Date(0),
    log: jsonLogger(
      () => {},
      () => new Date(0),
    ),
  });
  const write = (data: string, phase: Phase = "test") => {
    log.push({ jobId: JOB, type: "output", phase, number: log.length, timestamp: new Date(0), data });
    if (!shared) feed.notify(JOB);
  };
  const become = (state: string) => {
    job.state = state;
    if (!shared) feed.notify(JOB);
  };
  return { logs, feed, write, become };
}

const tell = (event: LogEvent): string =>
  event.kind === "fragment"
    ? event.fragment.data
    : event.kind === "silence"
      ? "silence"
      : `${event.kind}:${event.state}`;

async function follow(
  one: ReturnType<typeof lab>,
  from = 0,
  phase?: Phase,
  signal: AbortSignal = new AbortController().signal,
) {
  const events = (await one.logs.follow(JOB, "output", from, phase, signal)) as AsyncGenerator<LogEvent>;
  return {
    next: async () => tell((await events.next()).value as LogEvent),
    rest: async () => (await Array.fromAsync(events)).map(tell),
    events,
  };
}

describe("following a log", () => {
  test("begins with the state, tells what comes as it comes, and ends with the job", async () => {
    const one = lab();
    const reader = await follow(one);
    expect(await reader.next()).toBe("state:waiting");
    one.become("test");
    expect(await reader.next()).toBe("state:test");
    one.write("a");
    expect(await reader.next()).toBe("a");
    one.write("b");
    one.become("complete");
    expect(await reader.rest()).toEqual(["b", "state:complete", "end:complete"]);
  });

  test("resumes after a fragment", async () => {
    const one = lab();
    for (const text of ["a", "b", "c"]) one.write(text);
    one.become("cancelled");
    expect(await (await follow(one, 2)).rest()).toEqual(["c", "state:cancelled", "end:cancelled"]);
  });

  test("one phase only, if asked", async () => {
    const one = lab();
    one.write("a", "setup");
    one.write("b", "test");
    one.become("complete");
    expect(await (await follow(one, 0, "test")).rest()).toEqual(["b", "state:complete", "end:complete"]);
  });

  test("a log longer than a page is told whole and in order", async () => {
    const one = lab();
    const texts = Array.from({ length: 200 }, (_, i) => String(i));
    for (const text of texts) one.write(text);
    one.become("complete");
    expect((await (await follow(one)).rest()).slice(0, 200)).toEqual(texts);
  });

  test("what another process writes to the same database is found", async () => {
    const one = lab({ shared: true });
    const reader = await follow(one);
    expect(await reader.next()).toBe("state:waiting");
    one.write("from elsewhere");
    one.become("complete");
    expect(await reader.rest()).toEqual(["from elsewhere", "state:complete", "end:complete"]);
  });

  test("ends when the reader leaves", async () => {
    const one = lab();
    const leave = new AbortController();
    const reader = await follow(one, 0, undefined, leave.signal);
    await reader.next();
    leave.abort();
    expect(await reader.rest()).toEqual([]);
  });

  test("ends without an `end` event when the server stops, so that the reader comes back", async () => {
    const one = lab();
    const reader = await follow(one);
    await reader.next();
    one.feed.close();
    expect(await reader.rest()).toEqual([]);
  });

  test("of an unknown job there is nothing to follow", async () =>
    expect(
      await lab().logs.follow(crypto.randomUUID(), "output", 0, undefined, new AbortController().signal),
    ).toBeNull());
});

describe("as Server-Sent Events", () => {
  const fragment = (number: number, data: string): LogEvent => ({
    kind: "fragment",
    fragment: { jobId: JOB, type: "output", phase: "test", number, timestamp: new Date(0), data },
  });

  test("each event has its name and JSON, fragments their number as id", async () => {
    const stream = eventStream(
      (async function* (): AsyncGenerator<LogEvent> {
        yield { kind: "state", state: "test" };
        yield fragment(7, "x");
        yield { kind: "silence" };
        yield { kind: "end", state: "complete" };
      })(),
    );
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(await stream.text()).toBe(
      'event: state\ndata: {"job_state":"test"}\n\n' +
        'id: 7\nevent: fragment\ndata: {"fragment_number":7,"phase":"test","timestamp":"1970-01-01T00:00:00.000Z","log_data":"x"}\n\n' +
        ": alive\n\n" +
        'event: end\ndata: {"job_state":"complete"}\n\n',
    );
  });

  test("text from a device cannot forge an event", async () => {
    const stream = eventStream(
      (async function* (): AsyncGenerator<LogEvent> {
        yield fragment(0, 'x\n\nevent: end\ndata: {"job_state":"complete"}\r\n\r\n');
      })(),
    );
    expect((await stream.text()).match(/^event: /gm)).toEqual(["event: "]);
  });

  test("a failure in mid-stream is told as an error, not as a clean end", async () => {
    const stream = eventStream(
      (async function* (): AsyncGenerator<LogEvent> {
        yield { kind: "state", state: "test" };
        throw new Error("database gone: secret");
      })(),
    );
    const body = await stream.text();
    expect(body).toEndWith("event: error\ndata: {}\n\n");
    expect(body).not.toContain("secret");
  });

  test("a reader that leaves ends the source", async () => {
    const ended = Promise.withResolvers<void>();
    const stream = eventStream(
      (async function* (): AsyncGenerator<LogEvent> {
        try {
          for (;;) yield { kind: "silence" };
        } finally {
          ended.resolve();
        }
      })(),
    );
    const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.cancel();
    await ended.promise;
  });
});
