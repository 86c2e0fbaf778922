import { expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION } from "../../../../src/server/store/store.ts";
import { at, DAY, fragment, newJob, START } from "../../../contract/samples.ts";

async function* bytes(length: number) {
  yield new Uint8Array(length);
}

test("what an agent posted to a job that was removed meanwhile goes too, and all space is freed", async () => {
  const directory = await mkdtemp(join(tmpdir(), "sweep-"));
  const store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
  await store.jobs.submit(newJob({ id: "kept" }));
  for (const jobId of ["gone", "going", "kept"]) {
    for (const number of [0, 1]) await store.logs.append(fragment({ jobId, number }), START);
    await store.files.save(jobId, "artifact", bytes(20_000_000), START);
  }
  await store.logs.append(fragment({ jobId: "going", number: 2 }), at(DAY));
  await store.files.save("going", "artifact", bytes(1), at(DAY));

  const left = async () =>
    Promise.all(
      ["gone", "going", "kept"].map(async (jobId) => [
        (await store.logs.read({ jobId, type: "output" })).length,
        (await store.files.open(jobId, "artifact"))?.length ?? null,
      ]),
    );
  await store.sweep(at(7 * DAY));
  expect(await left()).toEqual([
    [0, null],
    [3, 1],
    [2, 20_000_000],
  ]);
  await store.sweep(at(8 * DAY));
  expect(await left()).toEqual([
    [0, null],
    [0, null],
    [2, 20_000_000],
  ]);

  using database = new Database(join(directory, "testflinger.db"));
  expect(database.query("SELECT sum(length(data)) AS bytes FROM file_chunks").get()).toEqual({ bytes: 20_000_000 });
  expect(database.query("SELECT count(*) AS n FROM files").get()).toEqual({ n: 1 });
  await store.close();
  await rm(directory, { recursive: true });
});
