import type { BenchClient } from "./client.ts";
import { quantiles } from "./load.ts";

/** Milliseconds between a submission and the moment at which a waiting agent has the job, over `jobs` submissions one after the other. */
export async function dispatchLatency(client: BenchClient, jobs: number): Promise<{ p50: number; p99: number }> {
  const latencies: number[] = [];
  for (let i = 0; i < jobs; i++) {
    const agent = client.take("dispatch", `waiting-${i}`, 30);
    // The agent has to be waiting before the job comes, or its own look would find it.
    await Bun.sleep(3);
    const start = performance.now();
    const [, taken] = await Promise.all([client.submit("dispatch"), agent]);
    if (taken === null) throw new Error("the waiting agent got no job");
    latencies.push(performance.now() - start);
  }
  return quantiles(latencies);
}
