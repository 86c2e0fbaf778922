import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StoreInUse } from "../../../../src/server/store/sqlite/lock.ts";
import { openSqliteStore, type SqliteOptions } from "../../../../src/server/store/sqlite/open.ts";
import { SchemaTooNew } from "../../../../src/server/store/sqlite/schema.ts";
import { DEFAULT_RETENTION, StoreUnavailable } from "../../../../src/server/store/store.ts";

let folder: string;
let directory: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "sqlite-"));
  directory = join(folder, "data", "testflinger");
});
afterEach(() => rm(folder, { recursive: true }));

const open = (options: Partial<SqliteOptions> = {}) =>
  openSqliteStore({ directory, retention: DEFAULT_RETENTION, ...options });
const refusal = (options: Partial<SqliteOptions> = {}) =>
  open(options).then(
    () => null,
    (error: unknown) => error as Error,
  );
const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
const raw = () => new Database(join(directory, "testflinger.db"));

/** A server in a process of its own, in the middle of an upload. */
async function serverProcess() {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "holder.ts"), directory], { stdout: "pipe" });
  const { value } = await child.stdout.getReader().read();
  expect(new TextDecoder().decode(value)).toBe("uploading\n");
  return child;
}

describe("a data directory", () => {
  test("is created for its owner only, and so are the files in it", async () => {
    const store = await open();
    await store.clients.create({ id: "a", permissions: {} });
    expect(await modeOf(join(folder, "data"))).toBe(0o700);
    expect(await modeOf(directory)).toBe(0o700);
    const names = await readdir(directory);
    expect(names.toSorted()).toEqual([
      "testflinger.db",
      "testflinger.db-shm",
      "testflinger.db-wal",
      "testflinger.lock",
    ]);
    for (const name of names) expect(await modeOf(join(directory, name))).toBe(0o600);
    await store.close();
  });

  test("that exists keeps its permissions", async () => {
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o750);
    await (await open()).close();
    expect(await modeOf(directory)).toBe(0o750);
  });

  test("that cannot be made is refused with its name", async () => {
    await writeFile(join(folder, "data"), "a file");
    const error = await refusal();
    expect(error).toBeInstanceOf(StoreUnavailable);
    expect(error?.message).toContain(directory);
  });

  test("whose database is something else is refused, and left as it is", async () => {
    await mkdir(directory, { recursive: true });
    const text = "not a database, but somebody's notes\n".repeat(100);
    await writeFile(join(directory, "testflinger.db"), text);
    expect(await refusal()).toBeInstanceOf(StoreUnavailable);
    expect(await Bun.file(join(directory, "testflinger.db")).text()).toBe(text);
    await rm(join(directory, "testflinger.db"));
    await (await open()).close();
  });

  test("written by a later version is refused with a way out", async () => {
    await (await open()).close();
    using database = raw();
    database.run("PRAGMA user_version = 1000");
    const error = await refusal();
    expect(error).toBeInstanceOf(SchemaTooNew);
    expect(error?.message).toMatch(/newer version.*schema 1000.*another data directory/);
  });

  test("is left without traces of write-ahead logs when the store is closed", async () => {
    const store = await open();
    await store.clients.create({ id: "a", permissions: {} });
    await store.close();
    expect((await readdir(directory)).toSorted()).toEqual(["testflinger.db", "testflinger.lock"]);
  });
});

describe("a second server", () => {
  test("is refused at once while the first one runs, and does it no harm", async () => {
    const first = await open();
    const error = await refusal();
    expect(error).toBeInstanceOf(StoreInUse);
    expect(error?.message).toContain(directory);
    await refusal();
    expect(await refusal()).toBeInstanceOf(StoreInUse);
    await first.clients.create({ id: "a", permissions: {} });
    await first.close();
  });

  test("of another process is refused until the first one dies, however it dies", async () => {
    const child = await serverProcess();
    expect(await refusal()).toBeInstanceOf(StoreInUse);
    child.kill("SIGKILL");
    await child.exited;
    await (await open()).close();
  });

  test("may start when the first one has closed its store, or failed to open it", async () => {
    await (await open()).close();
    const again = await open();
    await again.close();
    using database = raw();
    const { user_version: version } = database.query("PRAGMA user_version").get() as { user_version: number };
    database.run("PRAGMA user_version = 1000");
    expect(await refusal()).toBeInstanceOf(SchemaTooNew);
    database.run(`PRAGMA user_version = ${version}`);
    await (await open()).close();
  });

  test("may use another directory", async () => {
    const first = await open();
    const second = await open({ directory: join(folder, "other") });
    await Promise.all([first.close(), second.close()]);
  });
});

describe("a command beside the server", () => {
  test("opens the same database, and each sees what the other does", async () => {
    const server = await open();
    const command = await open({ exclusive: false });
    await command.clients.create({ id: "by-command", permissions: {} });
    await server.queues.restrict("q", "by-command");
    expect((await server.clients.list()).map(({ id }) => id)).toEqual(["by-command"]);
    expect(await command.queues.owners("q")).toEqual(["by-command"]);
    await command.close();
    await server.clients.update("by-command", { role: "admin" });
    expect(await refusal()).toBeInstanceOf(StoreInUse);
    await server.close();
  });

  test("leaves the server's uploads alone", async () => {
    const server = await open();
    const { promise: rest, resolve: finish } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    async function* upload() {
      yield new Uint8Array(300_000);
      begin();
      await rest;
      yield new Uint8Array(1);
    }
    const saving = server.files.save("job", "artifact", upload(), new Date());
    await begun;
    const command = await open({ exclusive: false });
    await command.sweep(new Date());
    await command.close();
    finish();
    expect(await saving).toEqual({ length: 300_001 });
    expect((await server.files.open("job", "artifact"))?.length).toBe(300_001);
    await server.close();
  });

  test("needs no server", async () => {
    const command = await open({ exclusive: false });
    await command.clients.create({ id: "a", permissions: {} });
    await command.close();
  });
});

describe("a killed server", () => {
  test("has lost nothing that it acknowledged, and its unfinished upload leaves nothing behind", async () => {
    const child = await serverProcess();
    child.kill("SIGKILL");
    await child.exited;
    {
      using database = raw();
      expect(database.query("SELECT count(*) AS n FROM file_chunks").get()).not.toEqual({ n: 0 });
    }
    const store = await open();
    expect(await store.jobs.find("acknowledged")).toMatchObject({ state: "waiting" });
    expect(await store.files.open("acknowledged", "artifact")).toBeNull();
    await store.sweep(new Date());
    using database = raw();
    expect(database.query("SELECT count(*) AS n FROM file_chunks").get()).toEqual({ n: 0 });
    expect(database.query("SELECT count(*) AS n FROM files").get()).toEqual({ n: 0 });
    await store.close();
  });
});

describe("a closed store", () => {
  test("refuses reads and writes", async () => {
    const store = await open();
    await store.close();
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.jobs.find("x")).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(store.jobs.cancel("x", new Date())).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test("has finished what was asked of it before", async () => {
    const store = await open();
    const creations = Array.from({ length: 1000 }, (_, index) =>
      store.clients.create({ id: `${index}`, permissions: {} }),
    );
    await store.close();
    expect(await Promise.all(creations)).toEqual(Array(1000).fill(true));
    const again = await open();
    expect(await again.clients.list()).toHaveLength(1000);
    await again.close();
  });
});
