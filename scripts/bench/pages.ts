import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/server/config.ts";
import { openStore } from "../../src/server/open-store.ts";
import type { Store } from "../../src/server/store/store.ts";
import { BenchClient, JOB, SIGNING_KEY } from "./client.ts";
import { startServer } from "./server.ts";

/** Measures the pages for people on a database as full as that of a large lab. Run: `bun scripts/bench/pages.ts` after `bun run build`. */
const JOBS = 100_000;
const AGENTS = 1000;
const QUEUES = 200;
/** Jobs that have not ended. */
const ACTIVE = 1000;
const LOG_BYTES = 100_000_000;
const FRAGMENT_BYTES = 16_384;
const LINE =
  "2026-11-24 10:00:00,123 test agent INFO: a line of a log of the usual length, in \u001b[32mgreen\u001b[0m\n";

const REQUESTS = 20;
const AT_ONCE = 200;

const PEOPLE = Array.from({ length: 50 }, (_, index) => `person-${index}@example.com`);

async function inGroups(count: number, act: (index: number) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < count; start += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - start) }, (_, index) => act(start + index)));
}

/** A job that ends, unless it is one of the last. */
interface BenchJob {
  readonly id: string;
  readonly createdAt: Date;
  readonly endedAt?: Date;
  readonly queue: string;
  readonly submitter: string;
}

/** A database to fill. */
interface Filling {
  readonly store: Store;
  addJobs(jobs: readonly BenchJob[]): Promise<void>;
  addFragments(jobId: string, count: number, data: string): Promise<void>;
  close(): Promise<void>;
}

async function filling(env: Record<string, string>): Promise<Filling> {
  const store = await openStore(loadConfig(env), true);
  return {
    store,
    addJobs: (jobs) =>
      inGroups(jobs.length, async (index) => {
        const { id, createdAt, endedAt, queue, submitter } = jobs[index] as BenchJob;
        await store.jobs.submit({ id, createdAt, submitter, priority: 0, definition: { ...JOB, job_queue: queue } });
        if (endedAt) await store.jobs.report(id, { state: "complete", status: STATUS }, endedAt);
      }),
    addFragments: (jobId, count, data) =>
      inGroups(count, (number) =>
        store.logs.append({ jobId, type: "output", phase: "test", number, timestamp: new Date(), data }, new Date()),
      ),
    close: () => store.close(),
  };
}

/** MongoDB takes many documents at once, which the store has no use for. */
async function fillingMongo(env: Record<string, string>, uri: string): Promise<Filling> {
  const { MongoClient } = await import("mongodb");
  const client = await MongoClient.connect(uri);
  const { store, close } = await filling(env);
  const insert = async (collection: string, documents: Record<string, unknown>[]) => {
    for (let start = 0; start < documents.length; start += AT_ONCE)
      await client
        .db()
        .collection(collection)
        .insertMany(documents.slice(start, start + AT_ONCE));
  };
  return {
    store,
    addJobs: (jobs) =>
      insert(
        "jobs",
        jobs.map(({ id, createdAt, endedAt, queue, submitter }) => ({
          job_id: id,
          created_at: createdAt,
          job_priority: 0,
          job_data: { ...JOB, job_queue: queue },
          result_data: endedAt ? { job_state: "complete", status: STATUS } : { job_state: "waiting" },
          submitter,
          ...(endedAt && { ended_at: endedAt }),
        })),
      ),
    addFragments: (jobId, count, data) =>
      insert(
        "logs",
        Array.from({ length: count }, (_, number) => ({
          job_id: jobId,
          log_type: "output",
          phase: "test",
          fragment_number: number,
          timestamp: new Date(),
          updated_at: new Date(),
          log_data: data,
          lines: data.split("\n").length - 1,
          bytes: Buffer.byteLength(data),
        })),
      ),
    async close() {
      await close();
      await client.close();
    },
  };
}

const STATUS = { setup: 0, test: 1 };

/** Fills the database; the id of a job with a long log. */
async function fill({ store: { agents, queues }, addJobs, addFragments }: Filling): Promise<string> {
  const start = Date.now() - JOBS * 1000;
  const jobs = Array.from({ length: JOBS }, (_, index): BenchJob => ({
    id: crypto.randomUUID(),
    createdAt: new Date(start + index * 1000),
    endedAt: index < JOBS - ACTIVE ? new Date(start + index * 1000 + 60_000) : undefined,
    queue: `queue-${index % QUEUES}`,
    submitter: PEOPLE[index % PEOPLE.length] as string,
  }));
  await addJobs(jobs);
  const names = Array.from({ length: QUEUES }, (_, index) => `queue-${index}`);
  await queues.advertise(Object.fromEntries(names.map((name) => [name, `Description of ${name}`])), new Date());
  await inGroups(AGENTS, (index) =>
    agents.report(
      `agent-${index}`,
      {
        state: index % 3 ? "waiting" : "test",
        queues: [names[index % QUEUES] as string],
        location: "London",
        job_id: jobs[index]?.id,
      },
      ["a line"],
      new Date(),
    ),
  );
  const jobId = jobs.at(-1)?.id as string;
  const data = LINE.repeat(Math.ceil(FRAGMENT_BYTES / LINE.length));
  await addFragments(jobId, Math.ceil(LOG_BYTES / data.length), data);
  return jobId;
}

const at = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] as number;

async function measure(url: string): Promise<{ firstByte: number[]; whole: number[]; size: number }> {
  const firstByte: number[] = [],
    whole: number[] = [];
  let size = 0;
  for (let turn = 0; turn < REQUESTS; turn++) {
    const begun = performance.now();
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
    firstByte.push(performance.now() - begun);
    size = (await answer.bytes()).length;
    whole.push(performance.now() - begun);
  }
  return { firstByte: firstByte.toSorted((a, b) => a - b), whole: whole.toSorted((a, b) => a - b), size };
}

/** Milliseconds from a post of an agent to the event on a page that is open. */
async function liveLatency(url: string, client: BenchClient): Promise<number[]> {
  const jobId = await client.submit("live");
  const stream = await fetch(`${url}/jobs/${jobId}/events?state=waiting&output=0&serial=0`);
  const reader = stream.body!.getReader();
  const decoder = new TextDecoder();
  const latencies: number[] = [];
  for (let number = 0; number < 100; number++) {
    const begun = performance.now();
    const posted = client.post(`/v1/result/${jobId}/log/output`, "agent", {
      fragment_number: number,
      timestamp: new Date().toISOString(),
      phase: "test",
      log_data: `line ${number}.\n`,
    });
    for (let text = ""; !text.includes(`line ${number}.`);) text += decoder.decode((await reader.read()).value);
    latencies.push(performance.now() - begun);
    await posted;
  }
  await reader.cancel();
  return latencies.toSorted((a, b) => a - b);
}

async function benchStore(name: string, env: Record<string, string>): Promise<void> {
  const variables = { ...env, JWT_SIGNING_KEY: SIGNING_KEY };
  const database = await (env.MONGODB_URI ? fillingMongo(variables, env.MONGODB_URI) : filling(variables));
  const jobId = await fill(database);
  await database.close();
  const server = await startServer(variables);
  try {
    console.log(`\n${name}: ${JOBS} jobs, ${AGENTS} agents, a log of ${LOG_BYTES / 1e6} MB; milliseconds`);
    console.log(
      `${"page".padEnd(36)}${["first byte", "p95", "whole", "p95", "kB"].map((title) => title.padStart(11)).join("")}`,
    );
    const last = Math.floor(LOG_BYTES / LINE.length / 2);
    for (const path of [
      "/",
      "/jobs",
      "/jobs?state=complete",
      "/jobs?state=active",
      "/jobs?queue=queue-7&state=complete",
      "/jobs?tag=bench",
      `/jobs?submitter=${PEOPLE[3]}`,
      "/jobs?search=nothing-like-it",
      "/agents",
      "/agents/agent-7",
      "/queues",
      "/queues/queue-7",
      `/jobs/${jobId}`,
      `/jobs/${jobId}?output=${last}`,
      `/jobs/${jobId}/log/output/lines?from=${last}&limit=500`,
    ]) {
      const { firstByte, whole, size } = await measure(server.url + path);
      const figures = [at(firstByte, 50), at(firstByte, 95), at(whole, 50), at(whole, 95)].map((figure) =>
        figure.toFixed(1),
      );
      console.log(
        path.replace(jobId, "ID").padEnd(36) +
          [...figures, (size / 1000).toFixed(0)].map((figure) => figure.padStart(11)).join(""),
      );
    }
    const latencies = await liveLatency(server.url, await BenchClient.of(server.url));
    console.log(
      `A line is on an open page ${at(latencies, 50).toFixed(1)} ms (p50), ${at(latencies, 99).toFixed(1)} ms (p99) after its post.`,
    );
    console.log(`${(await server.memory()).toFixed(0)} MiB resident`);
  } finally {
    await server.stop();
  }
}

const folder = await mkdtemp(join(tmpdir(), "testflinger-bench-"));
await benchStore("SQLite", { TESTFLINGER_DATA_DIR: folder });
await rm(folder, { recursive: true });

const uri = process.env.TEST_MONGODB_URI;
if (uri) {
  const database = new URL(uri);
  database.pathname = `/bench_${crypto.randomUUID().replaceAll("-", "")}`;
  await benchStore("MongoDB", { MONGODB_URI: database.href });
  const { MongoClient } = await import("mongodb");
  const client = await MongoClient.connect(database.href);
  await client.db().dropDatabase();
  await client.close();
} else console.log("\nSet TEST_MONGODB_URI to measure MongoDB as well.");
