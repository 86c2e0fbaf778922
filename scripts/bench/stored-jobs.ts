import { BenchClient } from "./client.ts";
import { type Load, measure, type Measured, measureServer } from "./load.ts";
import { startServer } from "./server.ts";
import type { BareStatements } from "./statements.ts";
import type { StoreUnderTest } from "./stores.ts";

export interface Cost {
  readonly jobs: number;
  /** Operation -> what it costs with so many jobs in the database. */
  readonly operations: Readonly<Record<string, Measured & { readonly cpu: number }>>;
  /** Statement -> what it costs without a server, on the bare database with as many jobs: what grows here is the database's. */
  readonly statements: Readonly<Record<string, Measured>>;
}

/**
 * What operations cost when the database holds ever more jobs, which have all ended, beside bare statements at the same size: the numbers should stay
 * the same.
 */
export async function costByStoredJobs(store: StoreUnderTest, sizes: readonly number[], load: Load): Promise<Cost[]> {
  const { env, remove } = await store.open();
  const bare = await store.bare();
  try {
    const costs: Cost[] = [];
    let stored = 0;
    for (const jobs of sizes.toSorted((a, b) => a - b)) {
      await Promise.all([store.addEndedJobs(env, stored, jobs), bare.addEnded(jobs - stored)]);
      stored = jobs;
      const operations = await measureOperations(env, load);
      costs.push({ jobs, operations, statements: await measureStatements(bare, load) });
    }
    return costs;
  } finally {
    await bare.close();
    await remove();
  }
}

async function measureOperations(env: Record<string, string>, load: Load): Promise<Cost["operations"]> {
  const server = await startServer(env);
  const client = await BenchClient.of(server.url);
  try {
    const waiting = await client.submit("waiting");
    const operations: Record<string, (call: number) => Promise<unknown>> = {
      "submit and take": async (call) => {
        await client.submit("queue-0");
        await client.take("queue-0", `agent-${call}`);
      },
      "ask, none there": (call) => client.take("queue-1", `agent-${call}`),
      "read a state": () => client.get(`/v1/job/${waiting}/state`, "contributor"),
      "place in the queue": () => client.get(`/v1/job/${waiting}/position`, "contributor"),
      "report a result": () => client.post(`/v1/result/${waiting}`, "agent", { status: { setup: 0 } }),
      "find by a rare tag": () => client.get("/v1/job/search?tags=rare", "contributor"),
    };
    await client.submit("tagged", { tags: ["rare"] });
    const costs: [string, Cost["operations"][string]][] = [];
    for (const [name, operation] of Object.entries(operations))
      costs.push([name, await measureServer(server, operation, load)]);
    return Object.fromEntries(costs);
  } finally {
    client.close();
    await server.stop();
  }
}

async function measureStatements(bare: BareStatements, load: Load): Promise<Cost["statements"]> {
  const statements: Record<string, (call: number) => Promise<unknown>> = {
    "bare insert and take": async (call) => {
      await bare.fill(1);
      await bare.take(call);
    },
    "bare find": (call) => bare.find(call),
    "bare update": (call) => bare.update(call),
  };
  const costs: [string, Measured][] = [];
  for (const [name, statement] of Object.entries(statements)) costs.push([name, await measure(statement, load)]);
  return Object.fromEntries(costs);
}
