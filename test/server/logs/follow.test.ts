import { describe, expect, spyOn, test } from "bun:test";
import { eventStream } from "../../../src/server/logs/event-stream.ts";
import { JobFeed } from "../../../src/server/logs/feed.ts";
import { type LogEvent, LogService, type LogSlice } from "../../../src/server/logs/service.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import type { LogFragment, LogQuery } from "../../../src/server/store/logs.ts";
import type { Phase } from "../../../src/shared/phases.ts";

const JOB = "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11";

/** One job whose state and log a test moves on. */
function lab({ shared = false } = {}) {
  const log: LogFragment[] = [];
  const job: { state: string; broken?: Error } = { state: "waiting" };
  const store = {
    shared,
    jobs: {
      summary: async (id: string) => (id === JOB ? { id, state: job.state } : null),
      states: async (ids: readonly string[]) => {
        if (job.broken) throw job.broken;
        return new Map(ids.filter((id) => id === JOB).map((id) => [id, job.state]));
      },
    },
    logs: {
      read: async ({ from = 0, limit = Infinity, phase, since = new Date(0) }: Partial<LogQuery>) =>
        log
          .filter((one) => one.number >= from && (!phase || one.phase === phase) && one.timestamp >= since)
          .filter((one, _, matching) => one.number <= (matching[limit - 1] ?? one).number),
      latest: async () => new Map(log.length ? [[`${JOB}/output`, (log.at(-1) as LogFragment).number]] : []),
    },
  } as never;
  const feed = new JobFeed(store, (error) => {
    throw error;
  });
  const lines: string[] = [];
  const now = () => new Date(0);
  const logs = new LogService({ store, feed, now, log: jsonLogger((line) => lines.push(line), now) });
  const write = (data: string, phase: Phase = "test", timestamp = new Date(0), number = log.length) => {
    log.push({ jobId: JOB, type: "output", phase, number, timestamp, data });
    if (!shared) feed.notify(JOB);
  };
  const become = (state: string) => {
    job.state = state;
    if (!shared) feed.notify(JOB);
  };
  const breakDown = (error: Error) => {
    job.broken = error;
    feed.notify(JOB);
  };
  return { logs, feed, write, become, breakDown, lines };
}

const tell = (event: LogEvent): string =>
  event.kind === "fragment"
    ? event.fragment.data
    : event.kind === "silence"
      ? "silence"
      : `${event.kind}:${event.state}`;

async function follow(
  one: ReturnType<typeof lab>,
  slice: LogSlice = {},
  signal: AbortSignal = new AbortController().signal,
) {
  const events = (await one.logs.follow(JOB, "output", slice, signal)) as AsyncGenerator<LogEvent>;
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
    expect(await (await follow(one, { start_fragment: 2 })).rest()).toEqual(["c", "state:cancelled", "end:cancelled"]);
  });

  test("one phase only, if asked", async () => {
    const one = lab();
    one.write("a", "setup");
    one.write("b", "test");
    one.become("complete");
    expect(await (await follow(one, { phase: "test" })).rest()).toEqual(["b", "state:complete", "end:complete"]);
  });

  test("from a time on, if asked", async () => {
    const one = lab();
    one.write("a", "test", new Date("2026-01-01T10:00:00Z"));
    one.write("b", "test", new Date("2026-01-01T11:00:00Z"));
    one.become("complete");
    const reader = await follow(one, { start_timestamp: new Date("2026-01-01T11:00:00Z") });
    expect(await reader.rest()).toEqual(["b", "state:complete", "end:complete"]);
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
    const reader = await follow(one, {}, leave.signal);
    await reader.next();
    leave.abort();
    expect(await reader.rest()).toEqual([]);
  });

  // Every listener that a signal is given stays as long as the signal: a stream that is open for days would fill the memory.
  test("however long it takes, it listens once for the reader's leaving", async () => {
    const one = lab();
    const { signal } = new AbortController();
    const listen = spyOn(signal, "addEventListener");
    const forget = spyOn(signal, "removeEventListener");
    const reader = await follow(one, {}, signal);
    await reader.next();
    for (let i = 0; i < 100; i++) {
      one.write(String(i));
      expect(await reader.next()).toBe(String(i));
    }
    one.become("complete");
    await reader.rest();
    expect(listen).toHaveBeenCalledTimes(1);
    expect(forget).toHaveBeenCalledTimes(1);
  });

  test("what breaks it off is in the log of the server", async () => {
    const one = lab();
    const reader = await follow(one);
    await reader.next();
    one.breakDown(new Error("the disk is on fire"));
    await expect(reader.rest()).rejects.toThrow("the disk is on fire");
    expect(one.lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: "error", message: "log stream broke off", job_id: JOB, reason: "the disk is on fire" },
    ]);
  });

  test("ends without an `end` event when the server stops, so that the reader comes back", async () => {
    const one = lab();
    const reader = await follow(one);
    await reader.next();
    one.feed.close();
    expect(await reader.rest()).toEqual([]);
  });

  test("of an unknown job there is nothing to follow", async () =>
    expect(await lab().logs.follow(crypto.randomUUID(), "output", {}, new AbortController().signal)).toBeNull());
});

describe("as Server-Sent Events", () => {
  const fragment = (number: number, data: string, resumeAt = number + 1): LogEvent => ({
    kind: "fragment",
    fragment: { jobId: JOB, type: "output", phase: "test", number, timestamp: new Date(0), data },
    resumeAt,
  });

  test("a reader that breaks off between two fragments of one number misses none", async () => {
    const { logs, write, become } = lab();
    for (const [number, data] of [
      [0, "a"],
      [1, "b"],
      [1, "c"],
      [2, "d"],
    ] as const)
      write(data, "test", new Date(0), number);
    become("complete");
    const events = await logs.follow(JOB, "output", {}, new AbortController().signal);
    const text = await eventStream(events!).text();
    const ids = [...text.matchAll(/^id: (\d+)\nevent: fragment\n.*"log_data":"(.)"/gm)].map(([, id, data]) => [
      data,
      id,
    ]);
    expect(ids).toEqual([
      ["a", "0"],
      ["b", "0"],
      ["c", "1"],
      ["d", "2"],
    ]);
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
