import { BenchClient } from "./client.ts";
import { Connections, requestText } from "./connection.ts";
import { dispatchLatency } from "./dispatch.ts";
import { type Load, type Measured, measure, measureServer } from "./load.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import { type BenchServer, startBareServer, startServer } from "./server.ts";
import type { BareStatements } from "./statements.ts";
import type { StoreUnderTest } from "./stores.ts";

const SUBMISSIONS = 300;

export interface Row extends Measured {
  readonly operation: string;
  /** CPU time of the server for one operation, in microseconds. */
  readonly cpu: number;
  /** Requests per second that bare Bun.serve answers with the same method. */
  readonly bareHttp: number;
  /** Statements per second that the bare database does. */
  readonly bareStatement: number;
  /** Rate over the smaller of the two limits. */
  readonly ratio: number;
}

export interface StoreReport {
  readonly store: string;
  /** Milliseconds from the start of the process to its first answer. */
  readonly startup: number;
  readonly rows: readonly Row[];
  /** Milliseconds. */
  readonly dispatch: { readonly p50: number; readonly p99: number };
  /** MiB. */
  readonly memory: { readonly idle: number; readonly afterLoad: number };
}

/** What a lab does all day, each operation beside its limits in the same run. */
export async function measureStore(store: StoreUnderTest, load: Load): Promise<StoreReport> {
  const { env, remove } = await store.open();
  const server = await startServer(env);
  const bareServer = await startBareServer();
  const bare = await store.bare();
  const client = await BenchClient.of(server.url);
  try {
    const idle = await server.memory();
    const rows: Row[] = [];
    for (const operation of OPERATIONS) {
      await fillQueue(client, operation.waitingJobs ?? 0);
      const measured = await measureServer(server, await operation.prepare(client), load);
      const { bareHttp, bareStatement } = await limits(operation, bareServer, bare, load);
      const ratio = measured.rate / Math.min(bareHttp, bareStatement);
      rows.push({ operation: operation.name, ...measured, bareHttp, bareStatement, ratio });
    }
    const dispatch = await dispatchLatency(client, SUBMISSIONS);
    const memory = { idle, afterLoad: await server.memory() };
    return { store: store.name, startup: server.startup, rows, dispatch, memory };
  } finally {
    client.close();
    await Promise.all([server.stop(), bareServer.stop(), bare.close()]);
    await remove();
  }
}

async function fillQueue(client: BenchClient, jobs: number): Promise<void> {
  for (let i = 0; i < jobs; i += 100) await Promise.all(Array.from({ length: 100 }, () => client.submit("bench")));
}

/** The bare limit of one operation: the same method on a server that does nothing, and one statement without a server. */
async function limits(
  { method, statement, waitingJobs = 0 }: Operation,
  bareServer: BenchServer,
  bare: BareStatements,
  load: Load,
) {
  await bare.fill(waitingJobs);
  const body = method === "GET" ? "" : JSON.stringify({ job_queue: "q", test_data: { test_cmds: "true" } });
  const request = requestText(method, "/v1/job", { "content-type": "application/json" }, body);
  const connections = new Connections(bareServer.url);
  const http = await measure(() => connections.send(request), load);
  connections.close();
  const database = await measure((call) => bare[statement](call), load);
  return { bareHttp: http.rate, bareStatement: database.rate };
}
