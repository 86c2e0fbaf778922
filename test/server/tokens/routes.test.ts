import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
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
  app.lines.length = 0;
  await app.store.clients.create({
    id,
    secretHash: await hashSecret(SECRET),
    permissions: { role: "manager" },
    createdAt: clock.now(),
  });
});

const post = (path: string, headers: Record<string, string>, body?: unknown) =>
  app.fetch(
    new Request(`http://localhost${path}`, {
      method: "POST",
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    }),
  );
const basic = (name: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`,
});
const login = async () => (await (await post("/v1/oauth2/token", basic(id, SECRET))).json()).refresh_token as string;
const refresh = (refresh_token: string) => post("/v1/oauth2/refresh", {}, { refresh_token });
const revoke = async (refresh_token: string) =>
  post(
    "/v1/oauth2/revoke",
    { authorization: `Bearer ${await app.token("boss", { role: "admin" })}` },
    { refresh_token },
  );

/** Level, name and description of the security events so far. */
const events = () =>
  app.lines.flatMap((line) => {
    const event = JSON.parse(line).owasp_event;
    return event ? [[event.level, event.event, event.description] as const] : [];
  });

/** ASVS 5.0 controls 7.2.2 (tokens instead of the secret) and 10.4.10 (the client proves who it is). */
describe("a login with a secret", () => {
  test("gives a pair of tokens that no cache may keep", async () => {
    await app.store.clients.update(id, {
      max_priority: { "*": 1, q: 100 },
      max_reservation_time: { q: 30_000 },
      email: "owner@example.com",
      allowed_agents: ["lab-*"],
    });
    const response = await post("/v1/oauth2/token", basic(id, SECRET));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = await response.json();
    expect(answer).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 600,
      refresh_token: expect.stringMatching(/^[A-Za-z0-9]{48}$/),
    });
    const now = Math.floor(clock.now().getTime() / 1000);
    expect(decodeJwt(answer.access_token)).toEqual({
      iss: "testflinger",
      aud: "testflinger",
      sub: "access_token",
      client_id: id,
      jti: expect.any(String),
      sid: (await app.store.refreshTokens.find(answer.refresh_token))!.id,
      iat: now,
      exp: now + 600,
      permissions: {
        client_id: id,
        role: "manager",
        max_priority: { "*": 1, q: 100 },
        max_reservation_time: { q: 30_000 },
        email: "owner@example.com",
        allowed_agents: ["lab-*"],
      },
    });
  });

  test("is told to the audit log", async () => {
    await login();
    expect(events()).toEqual([
      ["INFO", `authn_token_created:${id},manager`, expect.stringContaining(id)],
      ["INFO", `authn_login_success:${id}`, expect.stringMatching(new RegExp(`${id}.*manager`))],
    ]);
    expect(app.lines.join()).not.toContain(SECRET);
  });

  test.each([
    ["no header", () => ({}), "No authorization header specified", "unknown", "missing authorization header"],
    [
      "another scheme",
      () => ({ authorization: "Bearer abc" }),
      "Client id and key must be specified in authorization header",
      "unknown",
      "incomplete credentials",
    ],
    [
      "a wrong secret",
      () => basic(id, "another-long-secret"),
      "Invalid client id or client key",
      "ID",
      "wrong credentials",
    ],
    [
      "a secret of 100 bytes",
      () => basic(id, "x".repeat(100)),
      "Invalid client id or client key",
      "ID",
      "wrong credentials",
    ],
    ["an unknown id", () => basic(`${id}-x`, SECRET), "Invalid client id or client key", "ID-x", "wrong credentials"],
    ["no id", () => basic("", SECRET), "Invalid client id or client key", "unknown", "wrong credentials"],
  ])("with %s is 401 in plain text and audited", async (_case, headers, text, who, reason) => {
    const response = await post("/v1/oauth2/token", headers());
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("www-authenticate")).toBe('Basic realm="testflinger"');
    expect(await response.text()).toBe(text);
    expect(events()).toEqual([
      ["WARNING", `authn_login_fail:${who.replace("ID", id)}`, expect.stringContaining(reason)],
    ]);
  });

  test.each(["password", "client_credentials", "implicit", "refresh_token", "authorization_code"])(
    "is a header's, not that of a form with the grant type %s (control 10.4.4)",
    async (grant_type) => {
      const given = { grant_type, username: id, password: SECRET, client_id: id, client_secret: SECRET };
      const type = { "content-type": "application/x-www-form-urlencoded" };
      const form = new Request("http://localhost/v1/oauth2/token", {
        method: "POST",
        headers: type,
        body: new URLSearchParams(given),
      });
      expect((await app.fetch(form)).status).toBe(401);
      expect((await post(`/v1/oauth2/token?${new URLSearchParams(given)}`, {})).status).toBe(401);
    },
  );

  test.each(["admin", "root", "testflinger", "testflinger-admin", "agent", ""])(
    "is not there for the name %j before somebody has made an account (control 6.3.2)",
    async (name) => {
      for (const secret of ["", "password", "changeme"])
        expect((await post("/v1/oauth2/token", basic(name, secret))).status).toBe(401);
      expect(await app.store.clients.find(name)).toBeNull();
    },
  );

  /** ASVS 5.0 control 6.3.4: the provider decides how well they prove who they are. */
  test("is not open to people of the identity provider", async () => {
    await app.store.clients.recordLogin(
      { issuer: "https://idp", sub: id, email: `${id}@example.com`, name: "" },
      clock.now(),
    );
    expect((await post("/v1/oauth2/token", basic(`${id}@example.com`, ""))).status).toBe(401);
    expect((await post("/v1/oauth2/token", basic(`${id}@example.com`, SECRET))).status).toBe(401);
  });
});

/** ASVS 5.0 controls 7.4.1 (an ended login is of no use), 7.4.2 (nor one of an account that is gone) and 10.4.8. */
describe("a refresh token", () => {
  test("gives access tokens with the permissions of the moment for six days, and stays as it is", async () => {
    const token = await login();
    clock.advance(518_399);
    await app.store.clients.update(id, { role: "contributor" });
    app.lines.length = 0;
    const response = await refresh(token);
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const answer = await response.json();
    expect(answer).toEqual({ access_token: expect.any(String), token_type: "Bearer", expires_in: 600 });
    expect(decodeJwt(answer.access_token).permissions).toEqual({ client_id: id, role: "contributor" });
    expect(await app.store.refreshTokens.find(token)).toMatchObject({ lastAccessed: clock.now() });
    expect(events()).toEqual([
      ["INFO", `authn_token_created:${id},contributor`, `Access token refreshed for client ${id}`],
    ]);
  });

  test("that has expired is refused and reported as reuse", async () => {
    const token = await login();
    clock.advance(518_400);
    app.lines.length = 0;
    const response = await refresh(token);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail: {}, message: "Refresh token expired" });
    const { id: tokenId } = (await app.store.refreshTokens.find(token))!;
    expect(events()).toEqual([
      ["CRITICAL", `authn_token_reuse:${id},${tokenId}`, expect.stringMatching(new RegExp(`${id}.*expired`))],
    ]);
    expect(app.lines.join()).not.toContain(token);
  });

  test("that is revoked is refused and reported as reuse", async () => {
    const token = await login();
    const { id: tokenId } = (await app.store.refreshTokens.find(token))!;
    app.lines.length = 0;
    const revoked = await revoke(token);
    expect(revoked.status).toBe(200);
    expect(await revoked.json()).toEqual({ status: "OK" });
    expect(events()).toEqual([
      ["INFO", `authn_token_revoked:${id},${tokenId}`, expect.stringMatching(new RegExp(`boss.*${id}`))],
    ]);
    app.lines.length = 0;
    const response = await refresh(token);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ detail: {}, message: "Refresh token revoked." });
    expect(events()).toEqual([
      ["CRITICAL", `authn_token_reuse:${id},${tokenId}`, expect.stringMatching(new RegExp(`${id}.*revoked`))],
    ]);
    expect(app.lines.join()).not.toContain(token);
    expect(await (await revoke(token)).json()).toEqual({
      detail: {},
      message: "Refresh token has already been revoked",
    });
  });

  test("of a deleted client is refused, also when the client comes back", async () => {
    const token = await login();
    await app.store.clients.delete(id);
    expect(await (await refresh(token)).json()).toEqual({ detail: {}, message: "Invalid refresh token." });
    await app.store.clients.create({ id, permissions: {}, createdAt: clock.now() });
    expect((await refresh(token)).status).toBe(400);
  });

  test("that nobody issued is refused", async () => {
    expect(await (await refresh("x")).json()).toEqual({ detail: {}, message: "Invalid refresh token." });
    expect(await (await revoke("x")).json()).toEqual({ detail: {}, message: "Refresh token not found" });
  });

  test("that is missing is a validation error and audited", async () => {
    const response = await post("/v1/oauth2/refresh", {}, { token: "x" });
    expect(response.status).toBe(422);
    expect(events()).toEqual([
      ["WARNING", "authn_login_fail:unknown", expect.stringContaining("Refresh token request rejected")],
    ]);
    expect(events()[0]![2]).toContain("Missing data for required field.");
  });
});
