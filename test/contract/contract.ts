import { afterAll, afterEach, beforeAll, beforeEach, describe } from "bun:test";
import { DEFAULT_RETENTION, type Retention, type Store } from "../../src/server/store/store.ts";
import { CredentialWatch } from "../support/credentials/watch.ts";
import { sqlite } from "./stores/sqlite.ts";

/** A query that an operation ran, and those steps of its plan that read a whole table or collection. */
export interface QueryPlan {
  readonly query: string;
  readonly scans: readonly string[];
}

/** A database of one group of tests. */
export interface TestDatabase {
  /** Opens the database; stores opened earlier have been closed. */
  open(retention: Retention): Promise<Store>;
  /** Runs the operation on the open store and explains every query that it made. */
  explain(operation: (store: Store) => Promise<unknown>): Promise<QueryPlan[]>;
  /** All that the database holds. */
  dump(): Promise<Buffer>;
  /** Empties the database; its store has been closed. */
  empty(): Promise<void>;
  /** Removes the database; its store has been closed. */
  dispose(): Promise<void>;
}

/** A kind of database under test. */
export interface Adapter {
  readonly name: string;
  /** An empty database. */
  create(): Promise<TestDatabase>;
}

/** The stores under test: SQLite always, MongoDB when `TEST_MONGODB_URI` is set. */
const mongoUri = process.env.TEST_MONGODB_URI;
const adapters: readonly Adapter[] = mongoUri
  ? [sqlite, (await import("./stores/mongo.ts")).mongo(mongoUri)]
  : [sqlite];
console.log(
  `Store contract on ${adapters.map(({ name }) => name).join(" and ")}${mongoUri ? "" : "; set TEST_MONGODB_URI to test MongoDB too"}`,
);

/** What a test of the contract works with. */
export interface Subject {
  /** An open store, empty at the start of each test. */
  readonly store: Store;
  /** Sees the credentials of servers on the store; none of them may be in the database after a test. */
  readonly watch: CredentialWatch;
  /** Closes the store and opens the same database again, as after a restart of the server. */
  reopen(retention?: Retention): Promise<Store>;
  explain(operation: (store: Store) => Promise<unknown>): Promise<QueryPlan[]>;
}

/** Declares the same tests for every store; each test finds an empty database. */
export function contract(name: string, declare: (subject: Subject) => void): void {
  for (const adapter of adapters) {
    describe(`${name} (${adapter.name})`, () => {
      let database: TestDatabase;
      let store: Store, watch: CredentialWatch;
      beforeAll(async () => void (database = await adapter.create()));
      beforeEach(async () => {
        store = await database.open(DEFAULT_RETENTION);
        watch = new CredentialWatch();
      });
      afterEach(async () => {
        try {
          if (watch.size > 0) watch.assertSafe({ database: await database.dump() });
        } finally {
          await store.close();
          await database.empty();
        }
      });
      afterAll(() => database.dispose());
      declare({
        get store() {
          return store;
        },
        get watch() {
          return watch;
        },
        async reopen(retention = DEFAULT_RETENTION) {
          await store.close();
          return (store = await database.open(retention));
        },
        explain: (operation) => database.explain(operation),
      });
    });
  }
}
