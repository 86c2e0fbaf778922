import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { BenchClient, SIGNING_KEY } from "./client.ts";
import { dispatchLatency } from "./dispatch.ts";
import { type Load, type Measured, measure } from "./load.ts";
import { OPERATIONS, type Operation } from "./operations.ts";
import { startBareServer, startServer } from "./server.ts";
import { bareMongo, type BareStatements, bareSqlite } from "./statements.ts";

interface Row extends Measured {
  readonly operation: string;
  /** Requests per second that bare Bun.serve answers with the same method. */
  readonly bareHttp: number;
  /** Statements per second that the bare database does. */
  readonly bareStatement: number;
  /** Rate over the smaller of the two limits. */
  readonly ratio: number;
}

interface StoreUnderTest {
  readonly name: string;
  readonly env: Record<string, string>;
  readonly bare: () => Promise<BareStatements>;
  readonly remove: () => Promise<void>;
}

async function sqliteUnderTest(): Promise<StoreUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "testflinger-bench-"));
  return {
    name: "SQLite",
    env: { TESTFLINGER_DATA_DIR: folder },
    bare: bareSqlite,
    remove: () => rm(folder, { recursive: true }),
  };
}

async function mongoUnderTest(server: string): Promise<StoreUnderTest> {
  const uri = new URL(server);
  uri.pathname = `/bench_${crypto.randomUUID().replaceAll("-", "")}`;
  const remove = async () => {
    const { MongoClient } = await import("mongodb");
    const client = await MongoClient.connect(uri.href);
    await client.db().dropDatabase();
    await client.close();
  };
  return { name: "MongoDB", env: { MONGODB_URI: uri.href }, bare: () => bareMongo(server), remove };
}

/** The bare limit of one operation: the same method on a server that does nothing, and one statement without a server. */
async function limits(
  { method, statement, waitingJobs = 0 }: Operation,
  bareUrl: string,
  bare: BareStatements,
  load: Load,
) {
  await bare.fill(waitingJobs);
  const body = JSON.stringify({ job_queue: "q", test_data: { test_cmds: "true" } });
  const init = method === "GET" ? {} : { method, body, headers: { "content-type": "application/json" } };
  const http = await measure(async () => (await fetch(bareUrl, init)).text(), load);
  const database = await measure((call) => bare[statement](call), load);
  return { bareHttp: http.rate, bareStatement: database.rate };
}

async function benchStore(store: StoreUnderTest, load: Load) {
  const server = await startServer({ ...store.env, JWT_SIGNING_KEY: SIGNING_KEY });
  const bareServer = await startBareServer();
  const bare = await store.bare();
  try {
    const client = await BenchClient.of(server.url);
    const idle = await server.memory();
    const rows: Row[] = [];
    for (const operation of OPERATIONS) {
      for (let i = 0; i < (operation.waitingJobs ?? 0); i += 100)
        await Promise.all(Array.from({ length: 100 }, () => client.submit("bench")));
      const measured = await measure(await operation.prepare(client), load);
      const { bareHttp, bareStatement } = await limits(operation, bareServer.url, bare, load);
      rows.push({
        operation: operation.name,
        ...measured,
        bareHttp,
        bareStatement,
        ratio: measured.rate / Math.min(bareHttp, bareStatement),
      });
    }
    const dispatch = await dispatchLatency(client, 300);
    return {
      store: store.name,
      startup: server.startup,
      rows,
      dispatch,
      memory: { idle, afterLoad: await server.memory() },
    };
  } finally {
    await Promise.all([server.stop(), bareServer.stop(), bare.close()]);
    await store.remove();
  }
}

type Report = Awaited<ReturnType<typeof benchStore>>;

function print({ store, startup, rows, dispatch, memory }: Report, { clients }: Load): void {
  console.log(
    `\n${store}: first answer after ${startup.toFixed(0)} ms; ${memory.idle.toFixed(0)} MiB idle, ${memory.afterLoad.toFixed(0)} MiB after load`,
  );
  console.log(
    `A waiting agent has a job ${dispatch.p50.toFixed(1)} ms (p50), ${dispatch.p99.toFixed(1)} ms (p99) after its submission.`,
  );
  console.log(
    `\n${"operation".padEnd(28)}${["per s", "p50 ms", "p99 ms", "bare HTTP", "bare db", "ratio"].map((title) => title.padStart(11)).join("")}`,
  );
  for (const { operation, rate, p50, p99, bareHttp, bareStatement, ratio } of rows) {
    const figures = [
      rate.toFixed(0),
      p50.toFixed(1),
      p99.toFixed(1),
      bareHttp.toFixed(0),
      bareStatement.toFixed(0),
      `${(ratio * 100).toFixed(0)} %`,
    ];
    console.log(operation.padEnd(28) + figures.map((figure) => figure.padStart(11)).join(""));
  }
  console.log(`(${clients} clients; the ratio is to the smaller of the two bare limits of the same run)`);
}

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "3" },
    clients: { type: "string", default: "32" },
    json: { type: "string" },
  },
});
const load: Load = { clients: Number(values.clients), seconds: Number(values.seconds) };
const uri = process.env.TEST_MONGODB_URI;
const reports: Report[] = [];
for (const store of [await sqliteUnderTest(), ...(uri ? [await mongoUnderTest(uri)] : [])]) {
  const report = await benchStore(store, load);
  print(report, load);
  reports.push(report);
}
if (!uri) console.log("\nSet TEST_MONGODB_URI to measure MongoDB as well.");
if (values.json) await Bun.write(values.json, `${JSON.stringify({ load, reports }, null, 2)}\n`);
