import { loadConfig } from "../../src/server/config.ts";
import { openStore } from "../../src/server/open-store.ts";
import type { NewJob } from "../../src/server/store/jobs.ts";
import { JOB } from "./client.ts";

const QUEUES = 100;
/** Jobs that are written at the same time, and with one command. */
const AT_ONCE = 500;
const OF_ONE_COMMAND = 2000;

const newJob = (number: number): NewJob => ({
  id: crypto.randomUUID(),
  createdAt: new Date(Date.now() - 1000),
  definition: { ...JOB, job_queue: `queue-${number % QUEUES}` },
  priority: 0,
});

const RESULTS = { state: "complete", status: { setup: 0, test: 0 } };

/** Adds jobs that have ended, by the calls of the server. */
export async function addThroughStore(env: Record<string, string>, from: number, to: number): Promise<void> {
  const store = await openStore(loadConfig(env), true);
  try {
    for (let start = from; start < to; start += AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, to - start) }, async (_, offset) => {
          const job = newJob(start + offset);
          await store.jobs.submit(job);
          await store.jobs.report(job.id, RESULTS, new Date());
        }),
      );
  } finally {
    await store.close();
  }
}

/** The same as documents, for databases that would take hours otherwise. */
export async function addToMongo(env: Record<string, string>, from: number, to: number): Promise<void> {
  const [{ MongoClient }, { waitingJob }] = await Promise.all([
    import("mongodb"),
    import("../../src/server/store/mongo/job-document.ts"),
  ]);
  // With the indexes of the server.
  await (await openStore(loadConfig(env), true)).close();
  const { state, status } = RESULTS;
  const client = await MongoClient.connect(env.MONGODB_URI ?? "");
  try {
    const jobs = client.db().collection("jobs");
    for (let start = from; start < to; start += OF_ONE_COMMAND) {
      const documents = Array.from({ length: Math.min(OF_ONE_COMMAND, to - start) }, (_, offset) => ({
        ...waitingJob(newJob(start + offset)),
        result_data: { job_state: state, status },
        state_history: [{ state, at: new Date() }],
        ended_at: new Date(),
      }));
      await jobs.insertMany(documents, { ordered: false });
    }
  } finally {
    await client.close();
  }
}
