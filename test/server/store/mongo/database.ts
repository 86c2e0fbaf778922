import { afterEach, beforeEach, describe } from "bun:test";
import { type Db, MongoClient } from "mongodb";
import { type MongoOptions, openMongoStore } from "../../../../src/server/store/mongo/open.ts";
import type { Store } from "../../../../src/server/store/store.ts";

const uri = process.env.TEST_MONGODB_URI;

/** What a test of the MongoDB store works with. */
export interface Subject {
  readonly uri: string;
  /** An empty database of this test, as the driver sees it. */
  readonly database: Db;
  /** Opens it as a store, which is closed after the test. */
  open(options?: Partial<MongoOptions>): Promise<Store>;
}

/** Declares tests that need a MongoDB; without `TEST_MONGODB_URI` there are none, and the run says so. */
export function onMongo(name: string, declare: (subject: Subject) => void): void {
  if (!uri) {
    console.log(`${name}: set TEST_MONGODB_URI to test this`);
    return;
  }
  describe(name, () => {
    let client: MongoClient;
    let database: Db;
    let stores: Store[];
    beforeEach(() => {
      client = new MongoClient(uri, { serverSelectionTimeoutMS: 2000 });
      database = client.db(`testflinger-mongo-${crypto.randomUUID().slice(0, 8)}`);
      stores = [];
    });
    afterEach(async () => {
      for (const store of stores) await store.close();
      await database.dropDatabase();
      await client.close();
    });
    declare({
      uri,
      get database() {
        return database;
      },
      async open(options = {}) {
        const store = await openMongoStore({ uri, database: database.databaseName, ...options });
        stores.push(store);
        return store;
      },
    });
  });
}
