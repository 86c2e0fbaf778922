import { describe, expect, test } from "bun:test";
import { openMongoStore } from "../../../../src/server/store/mongo/open.ts";
import { StoreUnavailable } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";
import { relay } from "./relay.ts";

/** What a promise rejects with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("opening a MongoDB store", () => {
  test("that nobody answers for fails in about two seconds, without telling the password", async () => {
    const closed = await relay({ host: "127.0.0.1", port: 9 });
    closed.stop();
    const before = performance.now();
    const error = await rejection(openMongoStore({ uri: `mongodb://tf-user:tf-secret@127.0.0.1:${closed.port}/tf` }));
    // The driver's own limit is 30 seconds.
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect((error as Error).message).toContain(`127.0.0.1:${closed.port}`);
    expect(Bun.inspect(error, { depth: 20 })).not.toContain("tf-secret");
  }, 15_000);

  test.each(["mongodb://user:tf-secret@db:27017", "mongodb://user:tf-secret@db:27017/?authSource=admin"])(
    "without the name of a database says how to add it (%s)",
    async (uri) => {
      const error = (await rejection(openMongoStore({ uri }))) as Error;
      expect(error.message).toContain("names no database");
      expect(error.message).toContain("mongodb://host:27017/testflinger_db");
      expect(error.message).not.toContain("tf-secret");
    },
  );

  test.each([
    "bogus://user:tf-secret@db/tf",
    "mongodb://user:tf-sec@ret@db/tf",
    "mongodb:/user:tf-secret@db/tf",
    "mongodb://user:tf-secret@:27017/tf",
    "mongodb://user:tf-secret@db:port/tf",
    "mongodb://user:tf-secret@db/tf?tlsInsecure=maybe",
  ])("with the faulty connection string %s says what is wrong, without telling the password", async (uri) => {
    const error = (await rejection(openMongoStore({ uri, database: "tf" }))) as Error;
    expect(error.message).toContain("connection string is not valid");
    expect(error.message).toContain("percent-encoded");
    expect(Bun.inspect(error, { depth: 20 })).not.toMatch(/tf-sec|ret@/);
  });

  test("names an unknown option", async () => {
    const error = (await rejection(openMongoStore({ uri: "mongodb://tf-user:tf-secret@db/tf?maxPoolSze=5" }))) as Error;
    expect(error.message).toContain("maxpoolsze");
  });
});

onMongo("a MongoDB that goes away", (subject) => {
  test("makes every call fail as unavailable, until it is back", async () => {
    const { hostname: host, port: upstream } = new URL(subject.uri);
    const to = { host, port: Number(upstream || 27017) };
    let link = await relay(to);
    const { port } = link;
    const store = await subject.open({ uri: `mongodb://127.0.0.1:${port}/?directConnection=true` });
    await store.ping();
    link.stop();
    const now = new Date();
    const calls = [
      store.ping(),
      store.jobs.find("x"),
      store.jobs.search({ tags: [], match: "any", states: [], active: false }),
      store.jobs.pop({ agent: "a", queues: ["q"], now }),
      store.queues.advertise({ q: "" }, now),
      store.clients.recordLogin({ issuer: "i", sub: "s", email: "e", name: "n" }, now),
      store.files.open("x", "artifact"),
      store.files.save(
        "x",
        "artifact",
        (async function* () {
          yield new Uint8Array(1);
        })(),
        now,
      ),
      store.sweep(now),
    ];
    for (const error of await Promise.all(calls.map(rejection))) expect(error).toBeInstanceOf(StoreUnavailable);
    link = await relay(to, port);
    try {
      await store.ping();
    } finally {
      await store.close();
      link.stop();
    }
  }, 20_000);

  test("without closing its connections makes every call fail as unavailable as well, in bounded time", async () => {
    const { hostname: host, port: upstream } = new URL(subject.uri);
    const link = await relay({ host, port: Number(upstream || 27017) });
    const store = await subject.open({
      uri: `mongodb://127.0.0.1:${link.port}/?directConnection=true`,
      callTimeout: 300,
    });
    await store.ping();
    link.silence();
    const began = performance.now();
    const calls = [store.ping(), store.jobs.find("x"), store.logs.latest([{ jobId: "x", type: "output" }])];
    for (const error of await Promise.all(calls.map(rejection))) expect(error).toBeInstanceOf(StoreUnavailable);
    // The driver notices by its heartbeat, after 15 seconds.
    expect(performance.now() - began).toBeLessThan(5000);
    link.stop();
  });
});
