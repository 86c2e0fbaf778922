import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Connection, type Durability, type Statement } from "../../../../src/server/store/sqlite/connection.ts";
import { StoreLimitExceeded, StoreUnavailable } from "../../../../src/server/store/store.ts";

let folder: string;
let connection: Connection;
let database: Database;
let other: Database;
let insert: Statement<never>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "connection-"));
  database = new Database(join(folder, "db"), { strict: true });
  database.run("PRAGMA journal_mode = WAL");
  database.run("CREATE TABLE numbers (n INTEGER PRIMARY KEY CHECK (n >= 0)) STRICT");
  connection = new Connection(database);
  insert = connection.prepare("INSERT INTO numbers (n) VALUES ($n)");
  other = new Database(join(folder, "db"));
});
afterEach(async () => {
  connection.close();
  other.close();
  await rm(folder, { recursive: true });
});

const stored = () =>
  other
    .query<{ n: number }, []>("SELECT n FROM numbers ORDER BY n")
    .all()
    .map(({ n }) => n);
const add = (n: number) => connection.write(() => insert.run({ n }));

describe("changes", () => {
  test("are committed before they are answered", async () => {
    await add(1);
    expect(stored()).toEqual([1]);
  });

  test("answer what they return, in their order", async () => {
    const answers = await Promise.all([
      connection.write(() => "a"),
      connection.write(() => insert.run({ n: 2 })),
      connection.write(() => null),
    ]);
    expect(answers).toEqual(["a", 1, null]);
  });

  test("that are asked for together are committed together", async () => {
    const seen: number[] = [];
    const first = add(1);
    const second = connection.write(() => void seen.push(stored().length));
    await Promise.all([first, second]);
    expect(seen).toEqual([0]);
    expect(stored()).toEqual([1]);
  });

  test("that fail leave nothing of theirs and all of the others", async () => {
    const failing = connection.write(() => {
      insert.run({ n: 5 });
      throw new Error("changed its mind");
    });
    const results = await Promise.allSettled([add(1), failing, add(2), add(-1), add(1), add(3)]);
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "rejected",
      "fulfilled",
    ]);
    expect(results[1]).toMatchObject({ reason: new Error("changed its mind") });
    expect(stored()).toEqual([1, 2, 3]);
  });

  test("of any number are all made", async () => {
    await Promise.all(Array.from({ length: 2000 }, (_, n) => add(n)));
    expect(stored()).toHaveLength(2000);
  });

  test("are refused as a whole, and can be asked for again, while another process keeps the database", async () => {
    other.run("BEGIN IMMEDIATE");
    const results = await Promise.allSettled([add(1), add(2)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(StoreUnavailable) });
    }
    other.run("ROLLBACK");
    await add(1);
    expect(stored()).toEqual([1]);
  });

  test("that find the disk full fail alone", async () => {
    await connection.write(() => connection.prepare("PRAGMA max_page_count = 2").get());
    const growing = connection.prepare("CREATE TABLE more (a TEXT, b TEXT UNIQUE)");
    const results = await Promise.allSettled([add(1), connection.write(() => growing.run()), add(2)]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(results[1]).toMatchObject({ reason: expect.any(StoreUnavailable) });
    expect(stored()).toEqual([1, 2]);
  });

  test("are refused as a whole when one of them breaks the transaction off", async () => {
    const breaking = connection.prepare("INSERT OR ROLLBACK INTO numbers (n) VALUES (1)");
    const results = await Promise.allSettled([add(1), connection.write(() => breaking.run()), add(2)]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    expect(stored()).toEqual([]);
    await add(1);
    expect(stored()).toEqual([1]);
  });
});

describe("a commit", () => {
  const UNSYNCED = { synced: false };
  /** What `PRAGMA synchronous` is while the change is made. */
  const level = (durability?: Durability) =>
    connection.write(() => {
      const { synchronous } = database.prepare<{ synchronous: number }, []>("PRAGMA synchronous").get()!;
      return synchronous === 2 ? "waits for the disk" : "does not wait";
    }, durability);

  test("waits for the disk, unless nothing of it needs to be synced", async () => {
    expect(await level()).toBe("waits for the disk");
    expect(await level(UNSYNCED)).toBe("does not wait");
    expect(await level(UNSYNCED)).toBe("does not wait");
    expect(await level()).toBe("waits for the disk");
  });

  test("waits for the disk if one of its changes needs to be synced", async () => {
    const levels = await Promise.all([level(UNSYNCED), level(), level(UNSYNCED)]);
    expect(levels).toEqual(["waits for the disk", "waits for the disk", "waits for the disk"]);
  });
});

test("more than SQLite keeps in one piece is told from a fault", async () => {
  const huge = connection.prepare("SELECT zeroblob(2000000000)");
  await expect(connection.read(() => huge.get())).rejects.toBeInstanceOf(StoreLimitExceeded);
});

describe("reads", () => {
  test("do not see what is not yet committed", async () => {
    const count = connection.prepare<{ n: number }>("SELECT count(*) AS n FROM numbers");
    const written = add(1);
    expect(await connection.read(() => count.get()?.n)).toBe(0);
    await written;
    expect(await connection.read(() => count.get()?.n)).toBe(1);
  });

  test("that throw reject", async () => {
    await expect(
      connection.read(() => {
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
  });
});
