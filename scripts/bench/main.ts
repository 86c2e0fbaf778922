import { parseArgs } from "node:util";
import { measureCeiling } from "./ceiling.ts";
import { moveFiles } from "./files.ts";
import type { Load } from "./load.ts";
import { measureStore } from "./store-operations.ts";
import { costByStoredJobs } from "./stored-jobs.ts";
import { mongo, SQLITE, type StoreUnderTest } from "./stores.ts";
import { ceilingTable, costTable, filesTable, storeTable, waitingTable } from "./tables.ts";
import { waitingAgents } from "./waiting-agents.ts";

const HELP = `Measures the compiled server beside bare Bun.serve and the bare database. Run bun run build first.

  --seconds N      seconds per measurement (3)
  --clients N      clients at the same time (32)
  --store NAME     only SQLite, or only MongoDB; MongoDB needs TEST_MONGODB_URI
  --jobs N,N,...   instead: cost with so many stored jobs (1000,10000,100000,1000000)
  --waiting N      instead: memory of so many waiting agents
  --files MIB      instead: a file of that size up and down
  --json FILE      write the figures there as well
`;

const { values } = parseArgs({
  options: {
    help: { type: "boolean", short: "h" },
    seconds: { type: "string", default: "3" },
    clients: { type: "string", default: "32" },
    store: { type: "string" },
    jobs: { type: "string" },
    waiting: { type: "string" },
    files: { type: "string" },
    json: { type: "string" },
  },
});

const load: Load = { clients: Number(values.clients), seconds: Number(values.seconds) };

/** Measures one thing on a store, prints it, and answers its figures. */
async function measured<Figures>(figures: Promise<Figures>, show: (figures: Figures) => string): Promise<Figures> {
  const known = await figures;
  console.log(`\n${show(known)}`);
  return known;
}

function measureOn(store: StoreUnderTest): Promise<unknown> {
  const { name } = store;
  if (values.jobs !== undefined) {
    const sizes = values.jobs.split(",").map(Number);
    return measured(costByStoredJobs(store, sizes, load), (costs) => costTable(name, costs));
  }
  if (values.waiting !== undefined)
    return measured(waitingAgents(store, Number(values.waiting)), (waiting) => waitingTable(name, waiting));
  if (values.files !== undefined) {
    const size = Number(values.files);
    return measured(moveFiles(store, size), (transfers) => filesTable(name, size, transfers));
  }
  return measured(measureStore(store, load), storeTable);
}

async function main(): Promise<void> {
  if (values.help) return console.log(HELP);
  const uri = process.env.TEST_MONGODB_URI;
  const stores = [SQLITE, ...(uri ? [mongo(uri)] : [])].filter(({ name }) => (values.store ?? name) === name);
  if (!uri) console.log("Set TEST_MONGODB_URI to measure MongoDB as well.");
  const special = [values.jobs, values.waiting, values.files].some((value) => value !== undefined);
  const ceiling = special ? undefined : await measured(measureCeiling(load), ceilingTable);
  const reports: Record<string, unknown> = {};
  for (const store of stores) reports[store.name] = await measureOn(store);
  if (values.json) await Bun.write(values.json, `${JSON.stringify({ load, ceiling, stores: reports }, null, 2)}\n`);
}

await main();
