import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SIGNING_KEY } from "./client.ts";
import { addThroughStore, addToMongo } from "./ended-jobs.ts";
import { bareMongo, type BareStatements, bareSqlite } from "./statements.ts";

/** A store to measure the server on, beside the bare database. */
export interface StoreUnderTest {
  readonly name: string;
  /** Makes an empty database; variables of a server that uses it. */
  open(): Promise<{ readonly env: Record<string, string>; remove(): Promise<void> }>;
  bare(): Promise<BareStatements>;
  /** Adds the jobs number `from` up to `to`, which have ended. */
  addEndedJobs(env: Record<string, string>, from: number, to: number): Promise<void>;
}

export const SQLITE: StoreUnderTest = {
  name: "SQLite",
  async open() {
    const folder = await mkdtemp(join(tmpdir(), "testflinger-bench-"));
    return {
      env: { TESTFLINGER_DATA_DIR: folder, JWT_SIGNING_KEY: SIGNING_KEY },
      remove: () => rm(folder, { recursive: true }),
    };
  },
  bare: bareSqlite,
  addEndedJobs: addThroughStore,
};

export const mongo = (server: string): StoreUnderTest => ({
  name: "MongoDB",
  async open() {
    const uri = new URL(server);
    uri.pathname = `/bench_${crypto.randomUUID().replaceAll("-", "")}`;
    return {
      env: { MONGODB_URI: uri.href, JWT_SIGNING_KEY: SIGNING_KEY },
      async remove() {
        const { MongoClient } = await import("mongodb");
        const client = await MongoClient.connect(uri.href);
        await client.db().dropDatabase();
        await client.close();
      },
    };
  },
  bare: () => bareMongo(server),
  addEndedJobs: addToMongo,
});
