import { afterEach, beforeEach, expect, test } from "bun:test";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

const SECRET = "a-long-enough-secret";
const secretHash = await hashSecret(SECRET);

/** What becomes of the tokens of an account that is deleted, disabled or demoted (auth section 8, no. 7; ASVS 5.0 controls 7.4.2 and 8.3.2). */
contract("an account's tokens", (subject) => {
  let app: TestApp, clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    app = await testApp({ on: subject, now: clock.now });
    for (const role of ["admin", "manager", "contributor", "agent"])
      await subject.store.clients.create({ id: role, secretHash, permissions: { role } });
  });
  afterEach(() => app.close());

  const send = (method: string, path: string, authorization: string, body?: unknown) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { authorization, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  const login = async (id: string): Promise<{ access_token: string; refresh_token: string }> => {
    const response = await send("POST", "/v1/oauth2/token", `Basic ${btoa(`${id}:${SECRET}`)}`);
    expect(response.status).toBe(200);
    return response.json();
  };
  const write = (token: string) =>
    send("PUT", "/v1/client-permissions/contributor", `Bearer ${token}`, { role: "agent" });
  const read = (token: string) => send("GET", "/v1/client-permissions", `Bearer ${token}`);
  const refresh = (refresh_token: string) => send("POST", "/v1/oauth2/refresh", "", { refresh_token });

  const losses: [string, (id: string) => Promise<unknown>][] = [
    ["is deleted", (id) => subject.store.clients.delete(id)],
    ["is disabled", (id) => subject.store.clients.update(id, { disabled: true })],
  ];
  for (const [loss, lose] of losses)
    for (const role of ["admin", "manager"])
      test(`of an ${role} that ${loss} change nothing any more, read until they end, and are not renewed`, async () => {
        const { access_token, refresh_token } = await login(role);
        expect((await write(access_token)).status).toBe(200);
        await lose(role);
        const refused = await write(access_token);
        expect([refused.status, (await refused.json()).message]).toEqual([401, "Token has been revoked"]);
        expect(refused.headers.get("www-authenticate")).toBe('Bearer realm="testflinger", error="invalid_token"');
        expect((await read(access_token)).status).toBe(200);
        const end = await refresh(refresh_token);
        expect([end.status, (await end.json()).message]).toEqual([400, "Invalid refresh token."]);
        clock.advance(606);
        expect((await read(access_token)).status).toBe(401);
      });

  test("change nothing any more that the account's new role may not", async () => {
    const { access_token, refresh_token } = await login("admin");
    await subject.store.clients.update("admin", { role: "contributor" });
    const refused = await write(access_token);
    expect([refused.status, (await refused.json()).message]).toEqual([
      403,
      "Specified action requires role: admin, manager",
    ]);
    expect((await read(access_token)).status).toBe(200);
    const renewed = await (await refresh(refresh_token)).json();
    expect((await read(renewed.access_token)).status).toBe(403);
  });

  test("of an admin that became a manager change what managers may, and no more", async () => {
    const { access_token } = await login("admin");
    await subject.store.clients.update("admin", { role: "manager" });
    expect((await write(access_token)).status).toBe(200);
    expect((await send("DELETE", "/v1/client-permissions/agent", `Bearer ${access_token}`)).status).toBe(403);
    const promotion = await send("PUT", "/v1/client-permissions/admin", `Bearer ${access_token}`, { role: "admin" });
    expect(promotion.status).toBe(403);
  });

  test("of an admin whose login was ended change nothing any more", async () => {
    const { access_token, refresh_token } = await login("admin");
    await subject.store.refreshTokens.revoke((await subject.store.refreshTokens.find(refresh_token))!.id);
    expect((await write(access_token)).status).toBe(401);
    expect((await read(access_token)).status).toBe(200);
  });

  test("of contributors and agents work until they end, ten minutes at most", async () => {
    const { access_token } = await login("agent");
    await subject.store.clients.delete("agent");
    expect((await send("POST", "/v1/agents/data/a", `Bearer ${access_token}`, {})).status).toBe(200);
    clock.advance(606);
    expect((await send("POST", "/v1/agents/data/a", `Bearer ${access_token}`, {})).status).toBe(401);
  });

  test("that the reference has issued, without a login, are taken at their word unless the account is known", async () => {
    expect((await write(await app.token("only-there", { role: "admin" }))).status).toBe(200);
    expect((await write(await app.token("contributor", { role: "admin" }))).status).toBe(403);
    await subject.store.clients.update("manager", { disabled: true });
    expect((await write(await app.token("manager", { role: "manager" }))).status).toBe(401);
  });

  test("are not given to a disabled account, which looks like one with another secret", async () => {
    await subject.store.clients.update("contributor", { disabled: true });
    const response = await send("POST", "/v1/oauth2/token", `Basic ${btoa(`contributor:${SECRET}`)}`);
    expect([response.status, await response.text()]).toEqual([401, "Invalid client id or client key"]);
    expect(app.lines.join()).toContain("the account is disabled");
    await subject.store.clients.update("contributor", { disabled: false });
    await login("contributor");
  });

  test("are taken away and given back through the API, and the audit log tells of roles", async () => {
    const { access_token } = await login("admin");
    const set = (changes: object) => send("PUT", "/v1/client-permissions/manager", `Bearer ${access_token}`, changes);
    const shown = async () => (await send("GET", "/v1/client-permissions/manager", `Bearer ${access_token}`)).json();
    expect((await set({ disabled: true, role: "contributor", allowed_agents: ["lab-*"] })).status).toBe(200);
    expect(await shown()).toEqual({
      client_id: "manager",
      role: "contributor",
      disabled: true,
      allowed_agents: ["lab-*"],
    });
    expect((await set({ disabled: false, allowed_agents: null })).status).toBe(200);
    expect(await shown()).toEqual({ client_id: "manager", role: "contributor" });
    const events = app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
    expect(events).toContain("privilege_permissions_changed:manager,manager,contributor");
  });

  test("begin without what the new account was denied", async () => {
    const { access_token } = await login("admin");
    const made = { client_secret: SECRET, role: "agent", allowed_agents: ["rpi"], disabled: true };
    await send("PUT", "/v1/client-permissions/new", `Bearer ${access_token}`, made);
    expect(await subject.store.clients.find("new")).toMatchObject({
      disabled: true,
      permissions: { role: "agent", allowed_agents: ["rpi"] },
    });
  });
});
