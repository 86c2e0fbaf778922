import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { merge } from "../../../src/server/web/live/merge.ts";
import { Pulse } from "../../../src/server/web/live/pulse.ts";
import { type Lab, lab } from "./lab.ts";

describe("the pulse of a lab", () => {
  const pulseOf = (shared: boolean) => new Pulse({ pause: 0, patience: 5, shared });
  const stay = () => new AbortController().signal;

  test("tells readers of a topic that it has changed, once however often", async () => {
    const pulse = new Pulse({ pause: 0, patience: 60_000, shared: false });
    const jobs = pulse.follow(["jobs"], stay()),
      both = pulse.follow(["jobs", "agents"], stay());
    const first = [jobs.next(), both.next()];
    for (let turn = 0; turn < 3; turn++) pulse.notify("agents");
    expect(await first[1]).toEqual({ value: "changed", done: false });
    pulse.notify("jobs");
    expect(await first[0]).toEqual({ value: "changed", done: false });
    pulse.close();
  });

  test("misses nothing that happens while a reader is busy", async () => {
    const pulse = new Pulse({ pause: 0, patience: 60_000, shared: false });
    const beats = pulse.follow(["jobs"], stay());
    const first = beats.next();
    pulse.notify("jobs");
    await first;
    pulse.notify("jobs");
    expect(await beats.next()).toEqual({ value: "changed", done: false });
    pulse.close();
  });

  test("shows that it is alive, and has readers of a shared database look again", async () => {
    expect((await pulseOf(false).follow(["jobs"], stay()).next()).value).toBe("silence");
    expect((await pulseOf(true).follow(["jobs"], stay()).next()).value).toBe("changed");
  });

  test("ends when the reader leaves and when the server stops", async () => {
    const pulse = new Pulse({ pause: 60_000, patience: 60_000, shared: false });
    const leave = new AbortController();
    const [leaving, staying] = [pulse.follow(["jobs"], leave.signal), pulse.follow(["jobs"], stay())];
    const ends = [leaving.next(), staying.next()];
    leave.abort();
    expect((await ends[0])?.done).toBe(true);
    pulse.close();
    expect((await ends[1])?.done).toBe(true);
    expect((await pulse.follow(["jobs"], stay()).next()).done).toBe(true);
  });
});

describe("merged sources", () => {
  async function* of<T>(...values: T[]) {
    yield* values;
  }

  test("give all values until all have ended", async () => {
    expect((await Array.fromAsync(merge(of(1, 2), of(3), of<number>()))).toSorted()).toEqual([1, 2, 3]);
    expect(await Array.fromAsync(merge())).toEqual([]);
  });

  test("end together when the reader leaves, also those that still wait", async () => {
    const late = Promise.withResolvers<void>();
    const ends = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    async function* source({ resolve }: { resolve: () => void }) {
      try {
        yield "value";
        await late.promise;
      } finally {
        resolve();
      }
    }
    for await (const _ of merge(...ends.map(source))) break;
    late.resolve();
    await Promise.all(ends.map(({ promise }) => promise));
  });

  test("fail when one fails", async () => {
    async function* broken() {
      yield 2;
      throw new Error("gone");
    }
    expect(Array.fromAsync(merge(of(1), broken()))).rejects.toThrow("gone");
  });
});

interface Told {
  readonly event: string;
  readonly id?: string;
  readonly data: { log?: string; first?: number; html?: string };
}

describe("a followed page", () => {
  let app: Lab, leave: AbortController;
  beforeEach(async () => {
    app = await lab();
    leave = new AbortController();
  });
  afterEach(async () => {
    leave.abort();
    await app.close();
  });

  /** Events of a stream, one at a time, without signs of life. */
  async function follow(path: string, headers: Record<string, string> = {}) {
    const answer = await app.fetch(new Request(`http://localhost${path}`, { headers, signal: leave.signal }));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream; charset=utf-8"]);
    const reader = answer.body!.getReader();
    let text = "";
    const next = async (): Promise<Told | null> => {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const piece = text.slice(0, end);
          text = text.slice(end + 2);
          if (piece.startsWith(":")) continue;
          const fields = Object.fromEntries(piece.split("\n").map((line) => line.split(/: (.*)/s)));
          return {
            event: fields.event as string,
            id: fields.id as string,
            data: JSON.parse(fields.data as string) as Told["data"],
          };
        }
        const { value, done } = await reader.read();
        if (done) return null;
        text += new TextDecoder().decode(value);
      }
    };
    return { next, reader };
  }

  const agent = (path: string, body: unknown) =>
    (async () =>
      app.fetch(
        new Request(`http://localhost${path}`, {
          method: "POST",
          body: JSON.stringify(body),
          headers: {
            "content-type": "application/json",
            authorization: `Bearer ${await app.token("agent", { role: "agent" })}`,
          },
        }),
      ))();
  const post = (id: string, log: "output" | "serial", fragment_number: number, log_data: string) =>
    agent(`/v1/result/${id}/log/${log}`, {
      fragment_number,
      timestamp: new Date().toISOString(),
      phase: "test",
      log_data,
    });

  test("is told lines of both logs as they come, with numbers and colours", async () => {
    const id = await app.job();
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: new Date() });
    await app.log(id, "one\ntw", { number: 0 });
    const stream = await follow(`/jobs/${id}/events?state=running&output=1&serial=0`);
    const first = stream.next();
    await post(id, "output", 1, "o\n\u001b[31mthree");
    expect(await first).toMatchObject({ event: "lines", id: "2.0", data: { log: "output", first: 2 } });
    expect((await first)?.data.html).toMatch(/id="output-2".*two.*id="output-3".*<span class="fg-red">three<\/span>/);
    const second = stream.next();
    await post(id, "serial", 0, "login:");
    expect(await second).toMatchObject({ event: "lines", id: "2.1", data: { log: "serial", first: 1 } });
    const third = stream.next();
    await post(id, "output", 2, " more");
    // The open line is told again, in the colour that it has.
    expect((await third)?.data.html).toMatch(
      /^<div class="line" id="output-3".*<span class="fg-red">three more<\/span>/,
    );
  });

  test("resumes where it was cut off", async () => {
    const id = await app.job();
    for (let number = 0; number < 4; number++) await app.log(id, `line ${number + 1}\n`, { number });
    const stream = await follow(`/jobs/${id}/events?state=waiting&output=0&serial=0`, { "last-event-id": "3.0" });
    expect(await stream.next()).toMatchObject({ event: "lines", id: "4.0", data: { first: 4 } });
  });

  test("that shows another part of a log is not told its end", async () => {
    const id = await app.job();
    await app.log(id, "not wanted\n", { number: 0 });
    const stream = await follow(`/jobs/${id}/events?state=waiting&output=&serial=0`);
    const first = stream.next();
    await post(id, "serial", 0, "wanted\n");
    expect(await first).toMatchObject({ data: { log: "serial" } });
  });

  test("gets the last lines when very many come at once", async () => {
    const id = await app.job();
    const stream = await follow(`/jobs/${id}/events?state=waiting&output=0&serial=0`);
    const first = stream.next();
    await post(id, "output", 0, "x\n".repeat(5000));
    expect((await first)?.data.first).toBe(4001);
  });

  test("is told that the job has changed, and when it has ended", async () => {
    const id = await app.job();
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: new Date() });
    const stream = await follow(`/jobs/${id}/events?state=running&output=0&serial=0`);
    const changed = stream.next();
    await agent(`/v1/result/${id}`, { job_state: "test" });
    expect(await changed).toMatchObject({ event: "changed" });
    await post(id, "output", 0, "last words\n");
    await agent(`/v1/result/${id}`, { job_state: "complete" });
    const events: string[] = [];
    for (let told = await stream.next(); told; told = await stream.next()) events.push(told.event);
    expect(events).toContain("lines");
    expect(events.at(-1)).toBe("end");
  });

  test("is told at once what has changed since the page was made", async () => {
    const id = await app.job();
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: new Date() });
    expect(await (await follow(`/jobs/${id}/events?state=waiting&output=0&serial=0`)).next()).toMatchObject({
      event: "changed",
    });
  });

  test("of a waiting job is told that its place may have changed", async () => {
    const [ahead, id] = [await app.job(), await app.job()];
    const stream = await follow(`/jobs/${id}/events?state=waiting&output=0&serial=0`);
    const changed = stream.next();
    await app.post(`/jobs/${ahead}/cancel`);
    expect(await changed).toMatchObject({ event: "changed" });
  });

  test("of a list is told when something of its topic has changed", async () => {
    const [jobs, agents] = [await follow("/events?topic=jobs"), await follow("/events?topic=agents")];
    const [submitted, reported] = [jobs.next(), agents.next()];
    const authorization = `Bearer ${await app.token("someone", { role: "contributor" })}`;
    await app.fetch(
      new Request("http://localhost/v1/job", {
        method: "POST",
        body: JSON.stringify({ job_queue: "q" }),
        headers: { "content-type": "application/json", authorization },
      }),
    );
    expect(await submitted).toMatchObject({ event: "changed" });
    await agent("/v1/agents/data/some-agent", { state: "waiting" });
    expect(await reported).toMatchObject({ event: "changed" });
  });

  test("of an unknown job or topic is refused", async () => {
    expect((await app.get("/jobs/none/events")).status).toBe(404);
    for (const query of ["", "?topic=", "?topic=secrets", "?topic=jobs&topic=x"])
      expect([query, (await app.get(`/events${query}`)).status]).toEqual([query, 400]);
  });

  test("ends without an `end` when the server stops, so that the browser comes back", async () => {
    const stopping = await lab();
    const id = await stopping.job();
    const answer = await stopping.get(`/jobs/${id}/events?state=waiting&output=0&serial=0`);
    const text = answer.text();
    await stopping.close();
    expect(await text).not.toContain("event: end");
  });
});
