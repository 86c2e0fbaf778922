import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BSON, type Db, MongoClient } from "mongodb";

const { EJSON } = BSON;

/** Made by a server that was given no signing key; it has to be kept in clear somewhere, and is, for its owner only. */
const KEPT_KEY = "jwt-signing-key";

/** The bytes of every file of an embedded database: also what was deleted and not overwritten yet, and what is in its write-ahead log only. */
export async function embeddedDump(directory: string): Promise<Buffer> {
  const names = (await readdir(directory)).filter((name) => !name.startsWith(KEPT_KEY));
  // Files of the database come and go while it is open.
  const files = names.map((name) => readFile(join(directory, name)).catch(() => Buffer.alloc(0)));
  return Buffer.concat(await Promise.all(files));
}

/** The signing key that a server has made for itself; empty if it has not. */
export const keptKey = (directory: string): Promise<string> =>
  readFile(join(directory, KEPT_KEY), "utf8").catch(() => "");

/** Every document of every collection as extended JSON. */
export async function documentsOf(database: Db): Promise<Buffer> {
  const collections = await database.collections();
  const documents = await Promise.all(collections.map((collection) => collection.find().toArray()));
  return Buffer.from(EJSON.stringify(documents));
}

async function mongoDump(uri: string): Promise<Buffer> {
  const client = await MongoClient.connect(uri);
  try {
    return await documentsOf(client.db());
  } finally {
    await client.close();
  }
}

/** All that the database holds that these variables name. */
export const databaseDump = (env: Readonly<Record<string, string | undefined>>): Promise<Buffer> =>
  env.MONGODB_URI === undefined ? embeddedDump(env.TESTFLINGER_DATA_DIR!) : mongoDump(env.MONGODB_URI);
