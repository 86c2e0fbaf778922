import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { serve } from "../../src/server/serve.ts";
import { TestClock } from "../support/clock.ts";
import { databaseDump, keptKey } from "../support/credentials/database-dump.ts";
import { tap } from "../support/credentials/tap.ts";
import { CredentialWatch } from "../support/credentials/watch.ts";
import { ALICE } from "../support/idp/logins.ts";
import { MockIdp } from "../support/idp/mock-idp.ts";
import { embeddedStore, type StoreForServers, storesForServers } from "../support/stores.ts";

let clock: TestClock;
let cleanups: (() => Promise<unknown>)[];

beforeEach(() => {
  clock = new TestClock();
  cleanups = [];
});
afterEach(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

interface Served {
  readonly url: string;
  /** Log lines and security events so far. */
  readonly lines: string[];
  stop(): Promise<void>;
}

/** The whole server in this process, on sockets; stopping it fails when it has logged or stored a credential in clear. */
async function start(env: Readonly<Record<string, string>>): Promise<Served> {
  const listening = Promise.withResolvers<string>();
  const stopping = Promise.withResolvers<void>();
  const lines: string[] = [];
  const ended = serve({
    env: { PORT: "0", METRICS_PORT: "0", ...env },
    say: (line) => listening.resolve(/ on (\S+)$/.exec(line)?.[1] ?? ""),
    write: (line) => void lines.push(line),
    stop: stopping.promise,
    now: clock.now,
  });
  ended.catch(listening.reject);
  const watch = new CredentialWatch();
  watch.configured(env);
  const seen = listening.promise.then((url) => tap(url, watch));
  seen.catch(() => {});
  const stop = async () => {
    stopping.resolve();
    await ended;
    await (await seen)[Symbol.asyncDispose]();
    if (env.TESTFLINGER_DATA_DIR) watch.note("kept signing key", await keptKey(env.TESTFLINGER_DATA_DIR));
    watch.assertSafe({ log: lines.join("\n"), database: await databaseDump(env) });
  };
  cleanups.push(stop);
  return { url: (await seen).url, lines, stop };
}

async function fresh(open: () => Promise<StoreForServers>): Promise<StoreForServers> {
  const store = await open();
  cleanups.push(() => store.remove());
  return store;
}

/** The mock provider on a socket. */
async function provider(): Promise<MockIdp> {
  const answer = Promise.withResolvers<MockIdp>();
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: async ({ url, method, headers, body }) =>
      (await answer.promise).fetch(url, { method, headers, body: body && (await new Response(body).text()) }),
  });
  cleanups.push(() => server.stop(true));
  const idp = await MockIdp.create({ now: clock.now, issuer: `http://127.0.0.1:${server.port}` });
  answer.resolve(idp);
  return idp;
}

const loginAt = (idp: MockIdp) => ({
  OIDC_CLIENT_ID: "testflinger-client",
  OIDC_PROVIDER_ISSUER: idp.issuer,
  WEB_SECRET_KEY: "a key for browser logins",
});

const events = ({ lines }: Served): string[] => lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

describe.each(storesForServers())("on $name", ({ open }) => {
  // The embedded store keeps a signing key, which also seals the logins; with MongoDB the operator gives one.
  const key = ({ shared }: StoreForServers): Record<string, string> =>
    shared ? { JWT_SIGNING_KEY: "a signing key for tests, longer than 32 bytes" } : {};

  test("a login that was begun before a restart is finished after it, once", async () => {
    const [store, idp] = [await fresh(open), await provider()];
    const env = { ...store.env, ...key(store), ...loginAt(idp) };
    const before = await start(env);
    const begun = await fetch(`${before.url}/oidc/auth-init`, { method: "POST" });
    const { request_id } = (await begun.json()) as { request_id: string };
    await before.stop();

    const after = await start(env);
    const poll = () => fetch(`${after.url}/oidc/auth-poll/${request_id}`, { method: "POST" });
    expect(await (await poll()).json()).toEqual({ error: "authorization_pending" });
    idp.approve(ALICE);
    clock.advance(5);
    const { access_token } = (await (await poll()).json()) as { access_token: string };
    const headers = { authorization: `Bearer ${access_token}` };
    expect((await fetch(`${after.url}/v1/agents/data`, { headers })).status).toBe(200);
    expect((await poll()).status).toBe(400);
    expect(idp.callsOf("/token")).toHaveLength(2);
    for (const line of [...before.lines, ...after.lines]) {
      expect(line).not.toContain(request_id);
      expect(line).not.toContain(access_token);
      expect(line).not.toContain("device-code");
    }
  });
});

test("tells when it has started and when it has stopped", async () => {
  const { env } = await fresh(embeddedStore);
  const server = await start(env);
  expect(events(server)).toEqual(["sys_startup"]);
  await server.stop();
  expect(events(server)).toEqual(["sys_startup", "sys_shutdown"]);
});

test("serves its metrics beside the API, not on it", async () => {
  const { env } = await fresh(embeddedStore);
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const port = String(probe.port);
  probe.stop(true);
  const { url } = await start({ ...env, METRICS_PORT: port });
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain("testflinger_jobs_total");
});

test("serves without metrics when another program has their port, and says how to get them", async () => {
  const { env } = await fresh(embeddedStore);
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  cleanups.push(async () => other.stop(true));
  const { url, lines } = await start({ ...env, METRICS_PORT: String(other.port) });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: "warning",
    message: `No metrics: 127.0.0.1:${other.port} is in use by another program. Set METRICS_PORT to another port, or to 0 for none.`,
  });
});

test("does not leave its database behind when it cannot listen", async () => {
  const { env } = await fresh(embeddedStore);
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  cleanups.push(async () => other.stop(true));
  await expect(start({ ...env, PORT: String(other.port) })).rejects.toThrow("is in use by another program");
  cleanups.pop();
  expect((await fetch(`${(await start(env)).url}/readyz`)).status).toBe(200);
});
