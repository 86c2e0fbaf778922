import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION } from "../../../../src/server/store/store.ts";
import { scansOf } from "../../../contract/stores/sqlite.ts";

/** Statements that answer everything there is, and so read everything there is. */
const LISTINGS = [
  /FROM agents ORDER BY name$/,
  /FROM clients ORDER BY id$/,
  /FROM jobs WHERE true ORDER BY/,
  /FROM queues ORDER BY name$/,
  /FROM restricted_queues .* WHERE true ORDER BY/s,
  /FROM wait_times ORDER BY/,
];

test("no statement of the store reads a whole table, except to list it", async () => {
  const directory = await mkdtemp(join(tmpdir(), "statements-"));
  const prepared: string[] = [];
  class Recording extends Database {
    override prepare(...args: Parameters<Database["prepare"]>): any {
      prepared.push(args[0]);
      return super.prepare(...args);
    }
  }
  const store = await openSqliteStore({
    directory,
    retention: DEFAULT_RETENTION,
    Database: Recording as typeof Database,
  });
  using database = new Database(join(directory, "testflinger.db"), { readonly: true });
  const scanning = prepared.filter((sql) => scansOf(database, sql).length > 0);
  expect(scanning.filter((sql) => !LISTINGS.some((listing) => listing.test(sql)))).toEqual([]);
  expect(scanning).toHaveLength(LISTINGS.length);
  expect(prepared.length).toBeGreaterThan(80);
  await store.close();
  await rm(directory, { recursive: true });
});
