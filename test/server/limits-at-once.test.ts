import { afterEach, beforeEach, expect, mock, setDefaultTimeout, test } from "bun:test";
import type { ClientStore } from "../../src/server/store/clients.ts";
import { hashSecret } from "../../src/server/tokens/client-secret.ts";
import { contract } from "../contract/contract.ts";
import { TestClock } from "../support/clock.ts";
import { type TestApp, testApp } from "../support/test-app.ts";

/** bcrypt is meant to be slow. */
setDefaultTimeout(30_000);

const SECRET = "a-long-enough-secret";
const secretHash = await hashSecret(SECRET);
const ADDRESS = "192.0.2.1";

/** A limit that is looked at before and counted after a check lets through whatever comes meanwhile (ASVS 5.0 controls 6.3.1 and 15.4.2). */
contract("limits of what happens at once", (subject) => {
  let clock: TestClock, apps: TestApp[];
  beforeEach(async () => {
    clock = new TestClock();
    apps = [];
    await subject.store.clients.create({ id: "ci", secretHash, permissions: {} });
  });
  afterEach(() => Promise.all(apps.map((app) => app.close())));

  const start = async (env: Record<string, string>, clients: Partial<ClientStore> = {}) => {
    const { store, watch } = subject;
    const watched = { ...store, clients: Object.assign(Object.create(store.clients), clients) };
    const app = await testApp({ now: clock.now, on: { store: watched, watch }, env });
    apps.push(app);
    return app;
  };
  const login = (app: TestApp, id: string, secret: string, address = ADDRESS) =>
    app.fetch(
      new Request("http://localhost/v1/oauth2/token", {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` },
      }),
      { requestIP: () => ({ address, family: "IPv4", port: 1 }) },
    );
  const atOnce = async (count: number, call: (index: number) => Promise<Response>) => {
    const statuses: Record<number, number> = {};
    for (const { status } of await Promise.all(Array.from({ length: count }, (_, index) => call(index))))
      statuses[status] = (statuses[status] ?? 0) + 1;
    return statuses;
  };
  const events = (app: TestApp): string[] => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test.each([
    ["one address", { LIMIT_TOKEN_FAILURES_ADDRESS: "10", LIMIT_TOKEN_FAILURES_CLIENT: "0" }],
    ["one client", { LIMIT_TOKEN_FAILURES_ADDRESS: "0", LIMIT_TOKEN_FAILURES_CLIENT: "10" }],
  ])("of a hundred wrong secrets of %s no more are checked than may fail, at two servers", async (_what, env) => {
    // With it every check begins, before bcrypt.
    const find = mock((id: string) => subject.store.clients.find(id));
    const servers = [await start(env, { find }), await start(env, { find })] as const;
    const statuses = await atOnce(100, (index) => login(servers[index % 2 ? 0 : 1], "ci", "a-wrong-secret"));
    expect(find).toHaveBeenCalledTimes(10);
    expect(statuses).toEqual({ 401: 10, 429: 90 });
    const told = servers.flatMap(events).filter((event) => event.startsWith("authn_login_fail_max"));
    expect(told).toHaveLength(1);
    expect((await login(servers[0], "ci", SECRET)).status).toBe(429);
    clock.advance(300);
    expect((await login(servers[1], "ci", SECRET)).status).toBe(200);
  });

  test("right secrets wait for each other instead of being refused", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "2", LIMIT_TOKEN_FAILURES_CLIENT: "2" });
    expect(await atOnce(20, () => login(app, "ci", SECRET))).toEqual({ 200: 20 });
    expect(events(app)).not.toContainEqual(expect.stringContaining("fail_max"));
  });

  test("among wrong secrets the right one still gets in while there is room", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "10", LIMIT_TOKEN_FAILURES_CLIENT: "0" });
    const statuses = await atOnce(15, (index) => login(app, "ci", index < 9 ? "a-wrong-secret" : SECRET));
    expect(statuses).toEqual({ 401: 9, 200: 6 });
  });

  test("whoever has not failed gets in to a client that others have closed, as often as at once", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "0", LIMIT_TOKEN_FAILURES_CLIENT: "3" });
    await atOnce(5, (index) => login(app, "ci", "a-wrong-secret", `203.0.113.${index % 2}`));
    expect(events(app)).toContain("authn_login_lock:ci,maxretries");
    expect(await atOnce(5, () => login(app, "ci", SECRET, "198.51.100.1"))).toEqual({ 200: 5 });
    expect(await atOnce(9, () => login(app, "ci", "a-wrong-secret", "198.51.100.2"))).toEqual({
      401: 1,
      429: 8,
    });
  });

  test("refresh tokens that nobody issued are refused as such no more often than the limit says", async () => {
    const app = await start({ LIMIT_REFRESH_FAILURES_ADDRESS: "5" });
    const guess = (index: number) =>
      app.fetch(
        new Request("http://localhost/v1/oauth2/refresh", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ refresh_token: `guess-${index}` }),
        }),
      );
    expect(await atOnce(30, guess)).toEqual({ 400: 5, 429: 25 });
  });

  test("a check that cannot be made is no failure", async () => {
    const limits = { LIMIT_TOKEN_FAILURES_ADDRESS: "2", LIMIT_TOKEN_FAILURES_CLIENT: "2" };
    const broken = await start(limits, { find: () => Promise.reject(new Error("broken")) });
    expect(await atOnce(4, () => login(broken, "ci", SECRET))).toEqual({ 500: 4 });
    const app = await start(limits);
    expect((await login(app, "ci", SECRET)).status).toBe(200);
  });
});
