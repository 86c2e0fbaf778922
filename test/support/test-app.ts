import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type App, type AppOptions, createApp } from "../../src/server/app.ts";
import { loadConfig } from "../../src/server/config.ts";
import { jsonLogger } from "../../src/server/log/logger.ts";
import { Metrics } from "../../src/server/metrics/metrics.ts";
import { openStore } from "../../src/server/open-store.ts";
import { openSecrets } from "../../src/server/secrets/open.ts";
import type { Permissions } from "../../src/server/store/clients.ts";
import type { Store } from "../../src/server/store/store.ts";
import { AccessTokens } from "../../src/server/tokens/access-token.ts";
import { SigningKeys } from "../../src/server/tokens/signing-keys.ts";
import { databaseDump } from "./credentials/database-dump.ts";
import { Traffic } from "./credentials/traffic.ts";
import { CredentialWatch } from "./credentials/watch.ts";

export const SIGNING_KEY = "a signing key for tests, longer than 32 bytes";

/** Of browser logins, where OIDC is on. */
export const WEB_SECRET_KEY = "a key for browser logins";

export interface TestApp extends Pick<App, "fetch" | "routes" | "sweep"> {
  readonly store: Store;
  /** Log lines and security events so far. */
  readonly lines: string[];
  /** Sees every credential that requests, answers and the configuration bring. */
  readonly watch: CredentialWatch;
  /** An access token as the server itself would issue it. */
  token(clientId: string, permissions: Permissions): Promise<string>;
  /** Fails when a credential was logged, counted or stored in clear. */
  close(): Promise<void>;
}

export interface TestAppOptions {
  oidc?: boolean;
  env?: Record<string, string>;
  now?: () => Date;
  /** In place of a fresh embedded store, which stays open; whoever opened it looks through it for credentials. */
  on?: { readonly store: Store; readonly watch: CredentialWatch };
  /** Reaches the identity provider. */
  fetch?: AppOptions["fetch"];
}

/** The whole application on a fresh embedded store, without a socket. */
export async function testApp({
  oidc = false,
  env = {},
  now = () => new Date(),
  on: given,
  fetch = globalThis.fetch,
}: TestAppOptions = {}): Promise<TestApp> {
  const directory = await mkdtemp(join(tmpdir(), "testflinger-app-"));
  const login = {
    OIDC_CLIENT_ID: "testflinger-client",
    OIDC_PROVIDER_ISSUER: "http://127.0.0.1:9",
    WEB_SECRET_KEY,
  };
  const variables = {
    TESTFLINGER_DATA_DIR: directory,
    JWT_SIGNING_KEY: SIGNING_KEY,
    ...(oidc ? login : {}),
    ...env,
  };
  const config = loadConfig(variables);
  const watch = given?.watch ?? new CredentialWatch();
  watch.configured(variables);
  const traffic = new Traffic(watch);
  const store = given?.store ?? (await openStore(config, true));
  const key = new TextEncoder().encode(SIGNING_KEY);
  const lines: string[] = [];
  const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes));
  const secretsBackend = await openSecrets(config.secrets, {
    store,
    fetch: traffic.out(fetch),
    now,
    log: jsonLogger((line) => lines.push(line), now),
  });
  const metrics = new Metrics({
    version: "test",
    elapsed: () => now().getTime(),
    process: { startTime: 0, cpuSeconds: () => 0, residentBytes: () => 0 },
  });
  const write = (line: string) => lines.push(line);
  const app = createApp({
    config,
    store,
    signingKeys: config.signingKeys,
    secretsBackend,
    metrics,
    fetch: traffic.out(fetch),
    now,
    random,
    write,
  });
  const tokens = new AccessTokens({ keys: new SigningKeys([key]), leeway: 5, now });
  return {
    fetch: traffic.through(app.fetch),
    routes: app.routes,
    sweep: () => app.sweep(),
    store,
    lines,
    watch,
    async token(clientId, permissions) {
      const token = await tokens.issue(clientId, permissions);
      watch.note("access token", token);
      return token;
    },
    async close() {
      app.close();
      try {
        await traffic.settled();
        watch.assertSafe({
          log: lines.join("\n"),
          metrics: await metrics.text([]),
          ...(given ? {} : { database: await databaseDump(variables) }),
        });
      } finally {
        if (!given) await store.close();
        await rm(directory, { recursive: true });
      }
    },
  };
}
