import { expect, test } from "bun:test";
import { onMongo } from "./database.ts";

const NOW = new Date("2026-03-04T05:06:07Z");
const job = (id: string) => ({ id, createdAt: NOW, priority: 0, definition: { job_queue: "q" } });
const taking = (agent: string) => ({ agent, queues: ["q"], now: NOW });
const fragment = (number: number, data: string) =>
  ({ jobId: "job", type: "output", phase: "test", number, timestamp: NOW, data }) as const;

onMongo("two servers on one database, each sharing its own round trips", (subject) => {
  const servers = () => Promise.all([subject.open(), subject.open()]);

  test("hand out each job once", async () => {
    const stores = await servers();
    await Promise.all(Array.from({ length: 40 }, (_, i) => stores[i % 2]!.jobs.submit(job(`job-${i}`))));
    const taken = await Promise.all(
      Array.from({ length: 80 }, (_, i) => stores[i % 2]!.jobs.pop(taking(`agent-${i}`))),
    );
    const ids = taken.flatMap((one) => (one === null ? [] : [one.id]));
    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
  });

  test("accept a job once that is submitted to both", async () => {
    const stores = await servers();
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, i) => stores[i % 2]!.jobs.submit(job("same"))));
    expect(outcomes.filter((outcome) => outcome === "created")).toHaveLength(1);
    expect(await stores[0].jobs.inQueue("q")).toHaveLength(1);
  });

  test("see at once what the other has acknowledged, while both are asked without end", async () => {
    const [one, other] = await servers();
    let over = false;
    const asking = [one, other].map(async ({ jobs, queues }) => {
      while (!over) await Promise.all([jobs.summary("none"), jobs.pop(taking("idle")), queues.isRestricted("none")]);
    });
    for (let i = 0; i < 20; i++) {
      const id = `job-${i}`;
      await one.jobs.submit({ ...job(id), definition: { job_queue: "seen" } });
      expect(await other.jobs.summary(id)).toMatchObject({ state: "waiting" });
      expect(await other.jobs.pop({ ...taking("a"), queues: ["seen"] })).toMatchObject({ id });
      expect(await one.jobs.summary(id)).toMatchObject({ state: "running" });
      await other.queues.setRestricted(id, true);
      expect(await one.queues.isRestricted(id)).toBe(true);
      await one.queues.setRestricted(id, false);
      expect(await other.queues.isRestricted(id)).toBe(false);
    }
    over = true;
    await Promise.all(asking);
  });

  test("store a fragment once, and tell whoever comes with another text", async () => {
    const stores = await servers();
    const append = (server: number, number: number, data: string) =>
      stores[server]!.logs.append(fragment(number, data), NOW);
    const numbers = Array.from({ length: 10 }, (_, number) => number);
    const outcomes = await Promise.all(
      numbers.flatMap((number) => [append(0, number, "one\n"), append(1, number, "other\n")]),
    );
    const count = (wanted: string) => outcomes.filter((outcome) => outcome === wanted).length;
    expect([count("stored"), count("conflicting")]).toEqual([10, 10]);
    expect(await stores[0].logs.read({ jobId: "job", type: "output" })).toHaveLength(10);
  });
});
