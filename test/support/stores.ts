import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where a server under test keeps its data. */
export interface StoreForServers {
  readonly name: string;
  /** May several servers use it at once? */
  readonly shared: boolean;
  /** Variables that make a server use a fresh database. */
  readonly env: Readonly<Record<string, string>>;
  remove(): Promise<void>;
}

/** A fresh embedded store. */
export async function embeddedStore(): Promise<StoreForServers> {
  const directory = await mkdtemp(join(tmpdir(), "testflinger-data-"));
  return {
    name: "SQLite",
    shared: false,
    env: { TESTFLINGER_DATA_DIR: directory },
    remove: () => rm(directory, { recursive: true }),
  };
}

/** A fresh database on the MongoDB that TEST_MONGODB_URI names. */
export async function mongoStore(server: string): Promise<StoreForServers> {
  const uri = new URL(server);
  uri.pathname = `/test_${randomUUID().replaceAll("-", "")}`;
  return {
    name: "MongoDB",
    shared: true,
    env: { MONGODB_URI: uri.href },
    async remove() {
      const { MongoClient } = await import("mongodb");
      const client = await MongoClient.connect(uri.href);
      await client.db().dropDatabase();
      await client.close();
    },
  };
}

/** SQLite, and MongoDB when TEST_MONGODB_URI is set. */
export function storesForServers(): { name: string; open: () => Promise<StoreForServers> }[] {
  const uri = process.env.TEST_MONGODB_URI;
  return [{ name: "SQLite", open: embeddedStore }, ...(uri ? [{ name: "MongoDB", open: () => mongoStore(uri) }] : [])];
}
