import { afterEach } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";
import { TestClock } from "../clock.ts";
import { embeddedDump } from "../credentials/database-dump.ts";
import { CredentialWatch } from "../credentials/watch.ts";
import { LoginServer, type LoginServerOptions } from "./login-server.ts";
import { MockIdp } from "./mock-idp.ts";

/** A server, its database and the provider that people log in at. */
export interface Logins {
  readonly clock: TestClock;
  readonly idp: MockIdp;
  readonly store: Store;
  /** Sees the credentials of all servers on the store. */
  readonly watch: CredentialWatch;
  readonly server: LoginServer;
}

export type LoginsOptions = Partial<Omit<LoginServerOptions, "store" | "watch" | "fetch" | "now">> & {
  /** How the provider spells its issuer; the configured one unless it differs. */
  idpIssuer?: string;
};

/** For a test file: makes logins that are taken down after each test. */
export function useLogins(): (options?: LoginsOptions) => Promise<Logins> {
  const cleanups: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  });
  return async ({ idpIssuer, ...options } = {}) => {
    const directory = await mkdtemp(join(tmpdir(), "testflinger-logins-"));
    const store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
    const watch = new CredentialWatch();
    cleanups.push(async () => {
      try {
        watch.assertSafe({ database: await embeddedDump(directory) });
      } finally {
        await store.close();
        await rm(directory, { recursive: true });
      }
    });
    const clock = new TestClock();
    const idp = await MockIdp.create({ now: clock.now, issuer: idpIssuer ?? options.issuer });
    const server = new LoginServer({ issuer: idp.issuer, ...options, store, watch, fetch: idp.fetch, now: clock.now });
    return { clock, idp, store, watch, server };
  };
}

/** A person with a verified address. */
export const ALICE = { sub: "alice", email: "alice@example.com", email_verified: true, name: "Alice A" };
