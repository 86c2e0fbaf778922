import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { JOB } from "./client.ts";

/** What an operation asks of a database, as one statement on the bare driver. */
export interface BareStatements {
  /** A job or a log fragment is added. */
  insert(call: number): Promise<unknown>;
  /** The next waiting job becomes a running one. */
  take(call: number): Promise<unknown>;
  /** A record is read by its key. */
  find(call: number): Promise<unknown>;
  /** A record is changed by its key. */
  update(call: number): Promise<unknown>;
  /** A password is verified; no database. */
  verify(call: number): Promise<unknown>;
  /** Makes jobs to take. */
  fill(jobs: number): Promise<void>;
  /** Makes jobs that only lie there. */
  addEnded(jobs: number): Promise<void>;
  close(): Promise<void>;
}

const KNOWN = 1000;
/** Documents of one command. */
const AT_ONCE = 10_000;

/** As the server keeps passwords that come through the API (server-api section 2). */
const HASH = Bun.password.hashSync("a password", { algorithm: "bcrypt", cost: 8 });
const verify = () => Bun.password.verify("a password", HASH);

/** bun:sqlite as the embedded store sets it up: every statement is a transaction of its own. */
export async function bareSqlite(): Promise<BareStatements> {
  const folder = await mkdtemp(join(tmpdir(), "testflinger-bare-"));
  const db = new Database(join(folder, "bare.db"), { create: true, strict: true });
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("CREATE TABLE jobs (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, state TEXT, queue TEXT, data TEXT)");
  db.run("CREATE INDEX waiting ON jobs (state, queue, seq)");
  const insert = db.prepare("INSERT INTO jobs (id, state, queue, data) VALUES ($id, 'new', 'q', $data)");
  const take = db.prepare(
    "UPDATE jobs SET state = 'running' WHERE seq = (SELECT seq FROM jobs WHERE state = 'waiting' AND queue = 'q' ORDER BY seq LIMIT 1) RETURNING data",
  );
  const find = db.prepare("SELECT data FROM jobs WHERE id = $id");
  const update = db.prepare("UPDATE jobs SET data = $data WHERE id = $id");
  const data = JSON.stringify(JOB);
  for (let i = 0; i < KNOWN; i++) insert.run({ id: `known-${i}`, data });
  const addOne = db.prepare("INSERT INTO jobs (id, state, queue, data) VALUES ($id, $state, 'q', $data)");
  const add = db.transaction((state: string, jobs: number) => {
    for (let i = 0; i < jobs; i++) addOne.run({ id: crypto.randomUUID(), state, data });
  });
  return {
    insert: async () => insert.run({ id: crypto.randomUUID(), data }),
    take: async () => take.get(),
    find: async (call) => find.get({ id: `known-${call % KNOWN}` }),
    // Other data each time: SQLite leaves a page alone that would stay the same.
    update: async (call) => update.run({ id: `known-${call % KNOWN}`, data: `${data}${call}` }),
    verify,
    fill: async (jobs) => add("waiting", jobs),
    addEnded: async (jobs) => add("complete", jobs),
    async close() {
      db.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** The official driver with the write concern of our adapter. */
export async function bareMongo(uri: string): Promise<BareStatements> {
  const { MongoClient } = await import("mongodb");
  const client = await MongoClient.connect(uri, { w: "majority" });
  const db = client.db(`bare_${crypto.randomUUID().replaceAll("-", "")}`);
  const jobs = db.collection("jobs");
  await jobs.createIndex({ id: 1 }, { unique: true });
  await jobs.createIndex({ state: 1, queue: 1, priority: -1, created_at: 1, _id: 1 });
  const job = (id: string, state: string) => ({
    id,
    state,
    queue: "q",
    priority: 0,
    created_at: new Date(),
    data: JOB,
  });
  await jobs.insertMany(Array.from({ length: KNOWN }, (_, i) => job(`known-${i}`, "new")));
  const order = { priority: -1, created_at: 1, _id: 1 } as const;
  const add = async (state: string, count: number) => {
    for (let left = count; left > 0; left -= AT_ONCE)
      await jobs.insertMany(Array.from({ length: Math.min(left, AT_ONCE) }, () => job(crypto.randomUUID(), state)));
  };
  return {
    insert: () => jobs.insertOne(job(crypto.randomUUID(), "new")),
    take: () =>
      jobs.findOneAndUpdate({ state: "waiting", queue: "q" }, { $set: { state: "running" } }, { sort: order }),
    find: (call) => jobs.findOne({ id: `known-${call % KNOWN}` }),
    update: (call) => jobs.updateOne({ id: `known-${call % KNOWN}` }, { $set: { seen: call } }),
    verify,
    fill: (count) => add("waiting", count),
    addEnded: (count) => add("complete", count),
    async close() {
      await db.dropDatabase();
      await client.close();
    },
  };
}
