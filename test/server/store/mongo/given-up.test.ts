import { expect, test } from "bun:test";
import { type Store, StoreUnavailable } from "../../../../src/server/store/store.ts";
import { onMongo } from "./database.ts";
import { type Relay, relay } from "./relay.ts";

const NOW = new Date("2026-03-04T05:06:07Z");

onMongo("taking a job that the server gives up while the database hangs", (subject) => {
  /** A store behind a relay, and one that is not, as of another server. */
  async function lab(): Promise<{ link: Relay; store: Store; other: Store }> {
    const { hostname: host, port } = new URL(subject.uri);
    const link = await relay({ host, port: Number(port || 27017) });
    const uri = `mongodb://127.0.0.1:${link.port}/?directConnection=true`;
    const store = await subject.open({ uri, callTimeout: 500 });
    const other = await subject.open();
    await other.jobs.submit({ id: "job", createdAt: NOW, priority: 0, definition: { job_queue: "q" } });
    return { link, store, other };
  }

  /** Until the job is in this state; the time limit of the test ends it. */
  async function becomes(store: Store, state: string): Promise<void> {
    while ((await store.jobs.summary("job"))?.state !== state);
  }

  const plain = { agent: "a", queues: ["q"], now: NOW, expected: true };

  test("does not keep the job from others when the answer is lost", async () => {
    const { link, store, other } = await lab();
    link.hold("answers");
    const taking = store.jobs.pop(plain);
    await becomes(other, "running");
    await expect(taking).rejects.toThrow(StoreUnavailable);
    link.letGo();
    await becomes(other, "waiting");
    expect(await other.jobs.pop({ ...plain, agent: "b" })).toMatchObject({ id: "job", agent: "b" });
    link.stop();
  });

  test("does not keep the job from others when the database does it only later", async () => {
    const { link, store, other } = await lab();
    link.hold("requests");
    await expect(store.jobs.pop(plain)).rejects.toThrow(StoreUnavailable);
    expect(await other.jobs.summary("job")).toMatchObject({ state: "waiting" });
    link.letGo();
    await becomes(other, "running");
    await becomes(other, "waiting");
    expect(await other.jobs.pop({ ...plain, agent: "b" })).toMatchObject({ id: "job", agent: "b" });
    link.stop();
  });

  test("puts the job back later where even that fails at first", async () => {
    const { link, store, other } = await lab();
    const job = await store.jobs.pop(plain);
    link.hold("requests");
    const releasing = store.jobs.release("job", "a", job!.startedAt!);
    link.cut();
    await expect(releasing).rejects.toThrow(StoreUnavailable);
    expect(await other.jobs.summary("job")).toMatchObject({ state: "running" });
    await becomes(other, "waiting");
    link.stop();
  });

  test("leaves the job to the agent where it is leased, which gets it when it asks again", async () => {
    const { link, store, other } = await lab();
    const leasedUntil = new Date(NOW.getTime() + 60_000);
    link.hold("answers");
    const taking = store.jobs.pop({ ...plain, leasedUntil });
    await becomes(other, "running");
    await expect(taking).rejects.toThrow(StoreUnavailable);
    link.letGo();
    expect(await other.jobs.leased({ agent: "a", queues: ["q"], now: NOW })).toMatchObject({ id: "job" });
    link.stop();
  });

  test("takes nothing from an agent that has reported on its job", async () => {
    const { link, store, other } = await lab();
    link.hold("answers");
    const taking = store.jobs.pop(plain);
    await becomes(other, "running");
    await other.jobs.acknowledge("job");
    await expect(taking).rejects.toThrow(StoreUnavailable);
    link.letGo();
    // The look that would put it back goes the same way as this question, and before it.
    await store.jobs.pop({ ...plain, queues: ["none"] });
    expect(await other.jobs.find("job")).toMatchObject({ state: "running", agent: "a" });
    link.stop();
  });
});
