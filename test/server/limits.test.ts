import { afterEach, beforeEach, expect, test } from "bun:test";
import { hashSecret } from "../../src/server/tokens/client-secret.ts";
import { contract } from "../contract/contract.ts";
import { TestClock } from "../support/clock.ts";
import { type TestApp, testApp } from "../support/test-app.ts";

const SECRET = "a-long-enough-secret";
const secretHash = await hashSecret(SECRET);
const [LAB, ELSEWHERE] = ["192.0.2.1", "198.51.100.1"];

/** Guessing is slow and noticed (ASVS 5.0 controls 6.3.1 and 16.3.3, RFC 8628 section 5.2). */
contract("limits", (subject) => {
  let clock: TestClock, apps: TestApp[];
  beforeEach(async () => {
    clock = new TestClock();
    apps = [];
    for (const id of ["ci", "lab-1"]) await subject.store.clients.create({ id, secretHash, permissions: {} });
  });
  afterEach(() => Promise.all(apps.map((app) => app.close())));

  const start = async (env: Record<string, string> = {}, oidc = false) => {
    const app = await testApp({ now: clock.now, on: subject, env, oidc });
    apps.push(app);
    return app;
  };
  const send = (app: TestApp, request: Request, address: string) =>
    app.fetch(request, { requestIP: () => ({ address, family: "IPv4", port: 1 }) });
  const post = (app: TestApp, path: string, address: string, init: RequestInit = {}) =>
    send(app, new Request(`http://localhost${path}`, { method: "POST", ...init }), address);
  const login = (app: TestApp, id: string, secret: string, address = LAB) =>
    post(app, "/v1/oauth2/token", address, { headers: { authorization: `Basic ${btoa(`${id}:${secret}`)}` } });
  const refresh = (app: TestApp, refresh_token: string, address = LAB) =>
    post(app, "/v1/oauth2/refresh", address, {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refresh_token }),
    });
  const statuses = async (count: number, call: () => Promise<Response>) => {
    const found: number[] = [];
    for (let index = 0; index < count; index++) found.push((await call()).status);
    return found;
  };
  const events = (app: TestApp) => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test("an address that fails too often has to wait, with the right secret as well", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "3" });
    let guess = 0;
    expect(await statuses(4, () => login(app, `client-${guess++}`, "wrong"))).toEqual([401, 401, 401, 429]);
    const refused = await login(app, "ci", SECRET);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "300"]);
    expect(await refused.json()).toEqual({
      detail: {},
      message: "Too many logins have failed from this address. Please try again in 300 seconds.",
    });
    expect((await login(app, "ci", SECRET, ELSEWHERE)).status).toBe(200);
    expect(events(app)).toContain(`authn_login_fail_max:${LAB},3`);
    clock.advance(300);
    expect((await login(app, "ci", SECRET)).status).toBe(200);
  });

  test("a client that is guessed at from many addresses is closed to them, and open to an address without failures", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_CLIENT: "3" });
    let host = 0;
    const guess = () => login(app, "ci", "wrong", `203.0.113.${host++}`);
    expect(await statuses(3, guess)).toEqual([401, 401, 401]);
    host = 0;
    expect(await statuses(3, guess)).toEqual([429, 429, 429]);
    expect((await login(app, "ci", SECRET, LAB)).status).toBe(200);
    expect((await login(app, "lab-1", SECRET, "203.0.113.0")).status).toBe(200);
    expect(events(app)).toContain("authn_login_fail_max:ci,3");
  });

  test("an unknown client is limited like a known one", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_CLIENT: "2" });
    for (const id of ["ci", "nobody"])
      expect(await statuses(3, () => login(app, id, "wrong", ELSEWHERE))).toEqual([401, 401, 429]);
  });

  test("servers on one database count together", async () => {
    const env = { LIMIT_TOKEN_FAILURES_ADDRESS: "4" };
    const [one, two] = [await start(env), await start(env)];
    await statuses(2, () => login(one, "ci", "wrong"));
    await statuses(2, () => login(two, "ci", "wrong"));
    expect([(await login(one, "ci", SECRET)).status, (await login(two, "ci", SECRET)).status]).toEqual([429, 429]);
  });

  test("failures at once are all counted", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "10" });
    await Promise.all(Array.from({ length: 10 }, () => login(app, "ci", "wrong")));
    expect((await login(app, "ci", SECRET)).status).toBe(429);
  });

  test("logins that succeed are not limited: a whole lab may start at once behind one address", async () => {
    const app = await start({ LIMIT_TOKEN_FAILURES_ADDRESS: "2", LIMIT_TOKEN_FAILURES_CLIENT: "2" });
    expect(new Set(await statuses(40, () => login(app, "lab-1", SECRET)))).toEqual(new Set([200]));
  });

  test("with the limits that hold without settings a lab with some mistakes works", async () => {
    const app = await start();
    expect(new Set(await statuses(50, () => login(app, "lab-1", "wrong")))).toEqual(new Set([401]));
    expect((await login(app, "lab-1", SECRET)).status).toBe(200);
  });

  test("refresh tokens that nobody issued are limited by address", async () => {
    const app = await start({ LIMIT_REFRESH_FAILURES_ADDRESS: "2" });
    const { refresh_token } = await (await login(app, "ci", SECRET)).json();
    expect(await statuses(3, () => refresh(app, "guess", ELSEWHERE))).toEqual([400, 400, 429]);
    expect((await refresh(app, refresh_token, ELSEWHERE)).status).toBe(429);
    expect((await refresh(app, refresh_token)).status).toBe(200);
  });

  test("a program that goes on with a dead refresh token does not flood the audit log", async () => {
    const app = await start({ LIMIT_REFRESH_FAILURES_CLIENT: "2" });
    const { refresh_token } = await (await login(app, "ci", SECRET)).json();
    const { refresh_token: other } = await (await login(app, "ci", SECRET)).json();
    await subject.store.refreshTokens.revoke((await subject.store.refreshTokens.find(refresh_token))!.id);
    expect(await statuses(20, () => refresh(app, refresh_token))).toEqual([400, 400, ...Array(18).fill(429)]);
    expect(events(app).filter((event: string) => event.startsWith("authn_token_reuse"))).toHaveLength(2);
    expect((await refresh(app, other)).status).toBe(200);
  });

  test("polls of unknown device logins are limited by address", async () => {
    const app = await start({ LIMIT_AUTH_POLL_FAILURES_ADDRESS: "2" }, true);
    const poll = (address: string) => post(app, `/oidc/auth-poll/${crypto.randomUUID()}`, address);
    expect(await statuses(3, () => poll(ELSEWHERE))).toEqual([400, 400, 429]);
    expect((await poll(LAB)).status).toBe(400);
  });

  test("failed logins in browsers are limited by address, on a page", async () => {
    const app = await start({ LIMIT_LOGIN_FAILURES_ADDRESS: "2" }, true);
    const callback = () => send(app, new Request("http://localhost/auth/callback?code=x&state=y"), ELSEWHERE);
    expect(await statuses(2, callback)).toEqual([302, 302]);
    const refused = await callback();
    expect([refused.status, refused.headers.get("content-type")]).toEqual([429, "text/html; charset=utf-8"]);
    expect(refused.headers.get("retry-after")).toBe("300");
  });

  test("zero switches a limit off", async () => {
    const app = await start({ LIMIT_REFRESH_FAILURES_ADDRESS: "0" });
    expect(new Set(await statuses(400, () => refresh(app, "guess")))).toEqual(new Set([400]));
  });
});
