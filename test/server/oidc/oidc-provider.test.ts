import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteStore } from "../../../src/server/store/sqlite/open.ts";
import { DEFAULT_RETENTION, type Store } from "../../../src/server/store/store.ts";
import { embeddedDump } from "../../support/credentials/database-dump.ts";
import { CredentialWatch } from "../../support/credentials/watch.ts";
import { LoginServer } from "../../support/idp/login-server.ts";
import {
  CONFIDENTIAL_CLIENT,
  PUBLIC_CLIENT,
  type RealProvider,
  startProvider,
} from "../../support/idp/oidc-provider.ts";
import { Person } from "../../support/idp/person.ts";

/** The flows against a certified provider, over sockets. */
describe.each([
  ["public", { clientId: PUBLIC_CLIENT }],
  ["confidential", { clientId: CONFIDENTIAL_CLIENT.id, clientSecret: CONFIDENTIAL_CLIENT.secret }],
])("at oidc-provider a %s client", (_kind, client) => {
  let provider: RealProvider,
    directory: string,
    store: Store,
    watch: CredentialWatch,
    server: LoginServer,
    offset: number;
  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.stop());
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "testflinger-provider-"));
    store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
    watch = new CredentialWatch();
    offset = 0;
    // The provider lives in real time; only the pauses between polls are skipped.
    const now = () => new Date(Date.now() + offset);
    server = new LoginServer({ issuer: provider.issuer, ...client, store, watch, fetch, now });
  });
  afterEach(async () => {
    try {
      watch.assertSafe({ database: await embeddedDump(directory) });
    } finally {
      await store.close();
      await rm(directory, { recursive: true });
    }
  });

  test("logs a person in", async () => {
    const { request_id, verification_uri_complete } = await server.begin();
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "authorization_pending" });
    await new Person("alice").approve(verification_uri_complete!);
    offset += 5000;
    const { access_token } = await server.finish(request_id);
    expect(await server.accessTokens.verify(access_token)).toEqual({
      clientId: "alice@example.com",
      role: "contributor",
      permissions: { role: "contributor" },
      session: expect.any(String),
    });
    expect(await store.clients.find("alice@example.com")).toMatchObject({
      name: "Alice A",
      subject: { sub: "alice", issuer: provider.issuer },
    });
  });

  test("learns that a person declined", async () => {
    const { request_id, verification_uri_complete } = await server.begin();
    await new Person("alice").deny(verification_uri_complete!);
    expect(await (await server.poll(request_id)).json()).toEqual({ error: "access_denied" });
    offset += 5000;
    expect(await (await server.poll(request_id)).json()).toMatchObject({ message: "Invalid or expired request_id" });
  });

  test("does not let a person with an unverified address in", async () => {
    const { request_id, verification_uri_complete } = await server.begin();
    await new Person("bob").approve(verification_uri_complete!);
    expect((await server.poll(request_id)).status).toBe(403);
    expect(await store.clients.list()).toEqual([]);
  });

  /** The provider revokes the whole grant when a device code is consumed twice. */
  test("gets along with many polls at once", async () => {
    const { request_id, verification_uri_complete } = await server.begin();
    await new Person("alice").approve(verification_uri_complete!);
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await server.poll(request_id)).status));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });
});

test("a wrong client secret is the operator's fault, and told as such", async () => {
  const provider = await startProvider();
  const directory = await mkdtemp(join(tmpdir(), "testflinger-provider-"));
  const store = await openSqliteStore({ directory, retention: DEFAULT_RETENTION });
  const client = { clientId: CONFIDENTIAL_CLIENT.id, clientSecret: "wrong" };
  const watch = new CredentialWatch();
  const server = new LoginServer({ issuer: provider.issuer, ...client, store, watch, fetch, now: () => new Date() });
  const response = await server.post("/oidc/auth-init");
  expect(response.status).toBe(502);
  expect(await response.json()).toEqual({ detail: {}, message: "OIDC provider rejected device authorization request" });
  expect(server.lines.join()).toContain("invalid_client");
  watch.assertSafe({ database: await embeddedDump(directory) });
  await store.close();
  await rm(directory, { recursive: true });
  await provider.stop();
});
