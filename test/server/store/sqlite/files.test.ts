import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHUNK_BYTES } from "../../../../src/server/store/file-chunks.ts";
import { openSqliteStore } from "../../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION } from "../../../../src/server/store/store.ts";
import { START } from "../../../contract/samples.ts";

/** A class of databases that tells of every change, and of every commit whether it waits for the disk. */
const observed = (tell: (what: string) => void): typeof Database =>
  class extends Database {
    private waits = true;

    override run(...given: Parameters<Database["run"]>): any {
      const level = /^PRAGMA synchronous = (\w+)/.exec(given[0])?.[1];
      if (level) this.waits = level === "FULL";
      return super.run(...given);
    }

    override prepare(...given: Parameters<Database["prepare"]>): any {
      const statement = super.prepare(...given);
      const run = statement.run.bind(statement);
      const [sql] = given;
      statement.run = (...values) => {
        if (sql === "COMMIT") tell(this.waits ? "commit on disk" : "commit");
        else if (/^(INSERT|UPDATE|DELETE)/.test(sql)) tell(/^(INSERT INTO|UPDATE|DELETE FROM) \w+/.exec(sql)![0]);
        return run(...values);
      };
      return statement;
    }
  };

test("the chunks of a file need not be on disk before the file is whole", async () => {
  const directory = await mkdtemp(join(tmpdir(), "files-"));
  const done: string[] = [];
  const store = await openSqliteStore({
    directory,
    retention: DEFAULT_RETENTION,
    Database: observed((what) => done.push(what)),
  });
  async function* content() {
    yield new Uint8Array(2 * CHUNK_BYTES + 1);
  }
  done.length = 0;
  await store.files.save("job", "artifact", content(), START);
  expect(done).toEqual([
    "commit on disk",
    "INSERT INTO file_chunks",
    "commit",
    "INSERT INTO file_chunks",
    "commit",
    "INSERT INTO file_chunks",
    "commit",
    "UPDATE files",
    "commit on disk",
  ]);
  await store.close();
  await rm(directory, { recursive: true });
});
