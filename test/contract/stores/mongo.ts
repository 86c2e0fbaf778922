import { type Document, MongoClient } from "mongodb";
import { openMongoStore } from "../../../src/server/store/mongo/open.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { documentsOf } from "../../support/credentials/database-dump.ts";
import type { Adapter, QueryPlan } from "../contract.ts";

/** Commands that look documents up. */
const LOOKUPS = ["find", "aggregate", "count", "distinct", "update", "delete", "findAndModify"];
/** What the driver adds to a command and `explain` does not take. */
const ENVELOPE = ["lsid", "$db", "$clusterTime", "$readPreference", "txnNumber", "writeConcern", "readConcern"];

const isLookup = (command: Document) => LOOKUPS.includes(Object.keys(command)[0]!);
const withoutEnvelope = (command: Document): Document =>
  Object.fromEntries(Object.entries(command).filter(([name]) => !ENVELOPE.includes(name)));

/** Names of collections that a plan reads whole. */
function scansOf(plan: unknown): string[] {
  if (typeof plan !== "object" || plan === null) return [];
  const below = Object.entries(plan).flatMap(([key, value]) => (key === "postgresPlan" ? [] : scansOf(value)));
  return "stage" in plan && plan.stage === "COLLSCAN" ? ["COLLSCAN", ...below] : below;
}

/** MongoDB at `uri`; every group of tests has a database of its own, dropped afterwards. */
export const mongo = (uri: string): Adapter => ({
  name: "MongoDB",
  async create() {
    const name = `testflinger-contract-${crypto.randomUUID().slice(0, 8)}`;
    const client = new MongoClient(uri);
    const commands: Document[] = [];
    let store: Store;
    return {
      async open(retention) {
        return (store = await openMongoStore({
          uri,
          database: name,
          retention,
          onCommand: (command: Document) => commands.push(command),
        }));
      },
      async explain(operation) {
        commands.length = 0;
        await operation(store);
        return Promise.all(
          commands.filter(isLookup).map(async (command): Promise<QueryPlan> => ({
            query: JSON.stringify(command),
            scans: scansOf(
              await client.db(name).command({ explain: withoutEnvelope(command), verbosity: "queryPlanner" }),
            ),
          })),
        );
      },
      dump: () => documentsOf(client.db(name)),
      async empty() {
        // The collections stay: making their indexes takes longer than most tests.
        const collections = await client.db(name).collections();
        await Promise.all(collections.map((collection) => collection.deleteMany()));
      },
      async dispose() {
        await client.db(name).dropDatabase();
        await client.close();
      },
    };
  },
});
