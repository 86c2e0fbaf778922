import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

const SECRET = "a-long-enough-secret";
let app: TestApp, clock: TestClock, id: string;

beforeAll(async () => {
  clock = new TestClock();
  app = await testApp({ now: clock.now });
});
afterAll(() => app.close());
beforeEach(async () => {
  id = `client-${crypto.randomUUID()}`;
  await app.store.clients.create({ id, secretHash: await hashSecret(SECRET), permissions: {}, createdAt: clock.now() });
});

const send = (method: string, path: string, authorization?: string, body?: unknown) =>
  app.fetch(
    new Request(`http://localhost/v1/oauth2${path}`, {
      method,
      headers: { ...(authorization === undefined ? {} : { authorization }), "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
const login = async (): Promise<{ access_token: string; refresh_token: string }> =>
  (await send("POST", "/token", `Basic ${btoa(`${id}:${SECRET}`)}`)).json();
const refresh = (refresh_token: string) => send("POST", "/refresh", undefined, { refresh_token });
const list = async (token: string, query = "") => send("GET", `/sessions${query}`, `Bearer ${token}`);
const admin = () => app.token("boss", { role: "admin" });

/** ASVS 5.0 controls 7.4.1, 7.4.5 (admins end any), 7.5.2 (people see and end their own), 10.4.9 and 10.7.3. */
describe("logins", () => {
  test("are listed for their owner, the newest first, with the one in use marked", async () => {
    const first = await login();
    clock.advance(60);
    const second = await login();
    clock.advance(60);
    const refreshed = await (await refresh(first.refresh_token)).json();
    const response = await list(refreshed.access_token);
    expect(response.status).toBe(200);
    const sessions = await response.json();
    expect(sessions).toMatchObject([
      { client_id: id, current: false },
      { client_id: id, current: true },
    ]);
    expect(Date.parse(sessions[1].last_accessed) - Date.parse(sessions[1].issued_at)).toBe(120_000);
    expect(Date.parse(sessions[1].expires_at) - Date.parse(sessions[1].issued_at)).toBe(518_400_000);
    expect((await (await list(second.access_token)).json())[0].current).toBe(true);
    expect(JSON.stringify(sessions)).not.toContain(first.refresh_token);
  });

  test("end for good: the refresh token is worthless at once", async () => {
    const { access_token, refresh_token } = await login();
    const other = await login();
    const own = (await (await list(access_token)).json()).find((session: { current: boolean }) => session.current);
    expect((await send("DELETE", `/sessions/${own.id}`, `Bearer ${access_token}`)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(400);
    expect((await refresh(other.refresh_token)).status).toBe(200);
    expect(app.lines.join()).toContain(`"authn_token_revoked:${id},${own.id}"`);
    expect(await (await list(access_token)).json()).toHaveLength(1);
    expect((await send("DELETE", `/sessions/${own.id}`, `Bearer ${access_token}`)).status).toBe(404);
  });

  test("of others are for admins", async () => {
    const { refresh_token, access_token } = await login();
    const [{ id: session }] = await (await list(access_token)).json();
    const stranger = await app.token("stranger", { role: "manager" });
    expect((await list(stranger, `?client_id=${id}`)).status).toBe(403);
    expect((await send("DELETE", `/sessions/${session}`, `Bearer ${stranger}`)).status).toBe(404);
    expect((await send("DELETE", "/sessions/unknown", `Bearer ${stranger}`)).status).toBe(404);
    expect((await refresh(refresh_token)).status).toBe(200);
    expect(await (await list(await admin(), `?client_id=${id}`)).json()).toMatchObject([{ id: session }]);
    expect((await send("DELETE", `/sessions/${session}`, `Bearer ${await admin()}`)).status).toBe(200);
    expect((await refresh(refresh_token)).status).toBe(400);
  });

  test("do not exist for callers who are nobody in particular", async () => {
    expect(await (await send("GET", "/sessions")).json()).toEqual([]);
    expect((await send("DELETE", "/sessions/x")).status).toBe(404);
  });

  test("of tokens that the reference issued are listed, none as the one in use", async () => {
    await login();
    expect(await (await list(await app.token(id, {}))).json()).toMatchObject([{ current: false }]);
  });
});
