import { afterEach, beforeEach } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";

/** An embedded store for each test of the file, empty at its start. */
export function eachWithStore(): { readonly store: Store } {
  let directory: string;
  let store: Store;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "testflinger-secrets-"));
    store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
  });
  afterEach(async () => {
    await store.close();
    await rm(directory, { recursive: true });
  });
  return {
    get store() {
      return store;
    },
  };
}
