import { accessToken, BenchClient } from "./client.ts";
import { Connection, type Reply, requestText } from "./connection.ts";
import { startServer } from "./server.ts";
import type { StoreUnderTest } from "./stores.ts";

/** Connections that are opened at the same time. */
const AT_ONCE = 200;

/** Milliseconds until what the arrival of the agents left behind is collected. */
const SETTLING = 10_000;

export interface Waiting {
  readonly agents: number;
  /** MiB, before the first agent and with all of them. */
  readonly idle: number;
  readonly waiting: number;
  /** Milliseconds from a submission to the moment at which one of them has the job. */
  readonly dispatch: number;
}

/** What agents cost that wait for a job, each on a connection and a queue of its own. */
export async function waitingAgents(store: StoreUnderTest, agents: number): Promise<Waiting> {
  const { env, remove } = await store.open();
  const server = await startServer(env);
  const connections: Connection[] = [];
  try {
    const client = await BenchClient.of(server.url);
    const authorization = `Bearer ${await accessToken("agent")}`;
    await client.submit("warm-up");
    const idle = await server.memory();
    const jobs: Promise<Reply>[] = Array(agents);
    for (let start = 0; start < agents; start += AT_ONCE)
      await Promise.all(
        Array.from({ length: Math.min(AT_ONCE, agents - start) }, async (_, offset) => {
          const connection = await Connection.open(server.url);
          connections.push(connection);
          const agent = start + offset;
          const headers = { authorization, cookie: `agent_name=agent-${agent}` };
          jobs[agent] = connection.send(requestText("GET", `/v1/job?queue=queue-${agent}&wait=50`, headers));
        }),
      );
    // An answer to a later request: those of all agents have been read by then.
    await client.get("/v1/agents/queues", "contributor");
    await Bun.sleep(SETTLING);
    const waiting = await server.memory();
    const begun = performance.now();
    const [, reply] = await Promise.all([client.submit(`queue-${agents - 1}`), jobs[agents - 1]]);
    if (reply?.status !== 200) throw new Error("the waiting agent got no job");
    const dispatch = performance.now() - begun;
    client.close();
    return { agents, idle, waiting, dispatch };
  } finally {
    for (const connection of connections) connection.close();
    await server.stop();
    await remove();
  }
}
