import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TestClock } from "../support/clock.ts";
import { ALICE } from "../support/idp/logins.ts";
import { eventsOf, loginAt, Serving } from "../support/serving.ts";
import { embeddedStore, type StoreForServers, storesForServers } from "../support/stores.ts";

let clock: TestClock, serving: Serving;

beforeEach(() => {
  clock = new TestClock();
  serving = new Serving(clock);
});
afterEach(() => serving.end());

describe.each(storesForServers())("on $name", ({ open }) => {
  // The embedded store keeps a signing key, which also seals the logins; with MongoDB the operator gives one.
  const key = ({ shared }: StoreForServers): Record<string, string> =>
    shared ? { JWT_SIGNING_KEY: "a signing key for tests, longer than 32 bytes" } : {};

  test("a login that was begun before a restart is finished after it, once", async () => {
    const [store, idp] = [await serving.fresh(open), await serving.provider()];
    const env = { ...store.env, ...key(store), ...loginAt(idp) };
    const before = await serving.start(env);
    const begun = await fetch(`${before.url}/oidc/auth-init`, { method: "POST" });
    const { request_id } = (await begun.json()) as { request_id: string };
    await before.stop();

    const after = await serving.start(env);
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
  const { env } = await serving.fresh(embeddedStore);
  const server = await serving.start(env);
  expect(eventsOf(server)).toEqual(["sys_startup"]);
  await server.stop();
  expect(eventsOf(server)).toEqual(["sys_startup", "sys_shutdown"]);
});

test("serves its metrics beside the API, not on it", async () => {
  const { env } = await serving.fresh(embeddedStore);
  const probe = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const port = String(probe.port);
  probe.stop(true);
  const { url } = await serving.start({ ...env, METRICS_PORT: port });
  expect((await fetch(`${url}/metrics`)).status).toBe(404);
  expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain("testflinger_jobs_total");
});

test("serves without metrics when another program has their port, and says how to get them", async () => {
  const { env } = await serving.fresh(embeddedStore);
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  serving.defer(async () => other.stop(true));
  const { url, lines } = await serving.start({ ...env, METRICS_PORT: String(other.port) });
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: "warning",
    message: `No metrics: 127.0.0.1:${other.port} is in use by another program. Set METRICS_PORT to another port, or to 0 for none.`,
  });
});

test("does not leave its database behind when it cannot listen", async () => {
  const { env } = await serving.fresh(embeddedStore);
  const other = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  serving.defer(async () => other.stop(true));
  await expect(serving.start({ ...env, PORT: String(other.port) })).rejects.toThrow("is in use by another program");
  expect((await fetch(`${(await serving.start(env)).url}/readyz`)).status).toBe(200);
});
