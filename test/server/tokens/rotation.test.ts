import { afterEach, beforeEach, expect, test } from "bun:test";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { SIGNING_KEY, type TestApp, testApp } from "../../support/test-app.ts";

const SECRET = "a-long-enough-secret";
const DAY = 86_400;
const secretHash = await hashSecret(SECRET);

/** Refresh tokens that are replaced (RFC 9700 section 4.14.2, ASVS 5.0 controls 10.4.5 and 10.4.8). */
contract("refresh token rotation", (subject) => {
  let app: TestApp, clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    app = await testApp({ now: clock.now, on: subject });
    await subject.store.clients.create({ id: "ci", secretHash, permissions: {}, createdAt: clock.now() });
  });
  afterEach(() => app.close());

  const post = (path: string, body: unknown, headers = {}, on = app) =>
    on.fetch(
      new Request(`http://localhost/v1/oauth2${path}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(body),
      }),
    );
  const login = async (): Promise<string> =>
    (await (await post("/token", {}, { authorization: `Basic ${btoa(`ci:${SECRET}`)}` })).json()).refresh_token;
  const refresh = (refresh_token: string, rotate?: boolean, on = app) =>
    post("/refresh", { refresh_token, rotate }, {}, on);
  /** The successor of a token; the answer must be fine. */
  const rotated = async (token: string, on = app): Promise<string> => {
    const response = await refresh(token, true, on);
    const body = await response.json();
    expect([response.status, body]).toEqual([
      200,
      {
        access_token: expect.any(String),
        token_type: "Bearer",
        expires_in: 600,
        refresh_token: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      },
    ]);
    return body.refresh_token;
  };
  const refusal = async (token: string, rotate = true) => {
    const response = await refresh(token, rotate);
    return [response.status, (await response.json()).message];
  };
  const REVOKED = [400, "Refresh token revoked."];
  const events = () => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test("is for those who ask for it", async () => {
    const token = await login();
    for (const rotate of [undefined, false]) {
      expect(await (await refresh(token, rotate)).json()).toEqual({
        access_token: expect.any(String),
        token_type: "Bearer",
        expires_in: 600,
      });
    }
    expect((await refresh(token)).headers.get("cache-control")).toBe("no-store");
  });

  test("gives a chain of tokens, of which the newest works, in one login", async () => {
    let token = await login();
    const { id } = (await subject.store.refreshTokens.find(token))!;
    for (let count = 0; count < 5; count++) {
      clock.advance(600);
      const next = await rotated(token);
      expect(next).not.toBe(token);
      token = next;
    }
    expect(await subject.store.refreshTokens.ofClient("ci", clock.now())).toMatchObject([{ id }]);
    expect((await refresh(token, false)).status).toBe(200);
  });

  test("gives the same successor again for thirty seconds, for answers that got lost", async () => {
    const token = await login();
    const successor = await rotated(token);
    clock.advance(30);
    expect(await rotated(token)).toBe(successor);
    expect((await refresh(token, false)).status).toBe(200);
    expect(events()).not.toContainEqual(expect.stringContaining("authn_token_reuse"));
  });

  test("of a hundred programs at once gives one successor and a living login", async () => {
    const token = await login();
    const replica = await testApp({ now: clock.now, on: subject });
    const successors = await Promise.all(
      Array.from({ length: 100 }, (_, index) => rotated(token, index % 2 ? app : replica)),
    );
    expect(new Set(successors).size).toBe(1);
    clock.advance(600);
    await rotated(successors[0]!);
    expect(await subject.store.refreshTokens.ofClient("ci", clock.now())).toHaveLength(1);
    expect(events()).not.toContainEqual(expect.stringContaining("authn_token_reuse"));
    await replica.close();
  });

  test("takes a token that was replaced earlier for stolen: the login ends, whoever has its tokens", async () => {
    const token = await login();
    const { id } = (await subject.store.refreshTokens.find(token))!;
    const successor = await rotated(token);
    clock.advance(31);
    app.lines.length = 0;
    expect(await refusal(token)).toEqual(REVOKED);
    expect(events()).toEqual([`authn_token_reuse:ci,${id}`]);
    expect(app.lines.join()).toContain("replaced; the login has ended");
    expect(await refusal(successor)).toEqual(REVOKED);
    expect(await refusal(successor, false)).toEqual(REVOKED);
    for (const secret of [token, successor]) expect(app.lines.join()).not.toContain(secret);
  });

  test("takes a token of two generations ago for stolen at once", async () => {
    const token = await login();
    const third = await rotated(await rotated(token));
    expect(await refusal(token, false)).toEqual(REVOKED);
    expect(await refusal(third)).toEqual(REVOKED);
  });

  test("leaves other logins of the client alone when one was stolen", async () => {
    const [token, other] = [await login(), await login()];
    await rotated(token);
    clock.advance(31);
    expect(await refusal(token)).toEqual(REVOKED);
    await rotated(other);
  });

  test("prolongs a login that is in use, up to thirty days (control 10.4.8)", async () => {
    let token = await login();
    for (let day = 0; day < 29; day += 5) {
      clock.advance(5 * DAY);
      if (day < 25) token = await rotated(token);
    }
    expect(await refusal(token)).toEqual([400, "Refresh token expired"]);
  });

  test("does not prolong a login that is not in use", async () => {
    const token = await rotated(await login());
    clock.advance(6 * DAY - 1);
    expect((await refresh(token, false)).status).toBe(200);
    clock.advance(1);
    expect(await refusal(token)).toEqual([400, "Refresh token expired"]);
  });

  test("never shortens what a token was promised", async () => {
    const strict = await testApp({ now: clock.now, on: subject, env: { LOGIN_MAX_DAYS: "6" } });
    const token = await login();
    clock.advance(5 * DAY);
    const successor = await rotated(token, strict);
    clock.advance(DAY - 1);
    expect((await refresh(successor, false, strict)).status).toBe(200);
    await strict.close();
  });

  test("goes on when the signing key is changed between a request and its repetition", async () => {
    const token = await login();
    const successor = await rotated(token);
    const env = { JWT_SIGNING_KEYS: "n".repeat(32), JWT_SIGNING_KEY: SIGNING_KEY };
    const renewed = await testApp({ now: clock.now, on: subject, env });
    expect(await rotated(token, renewed)).toBe(successor);
    await renewed.close();
  });

  test("keeps no token in clear", async () => {
    const token = await login();
    const successor = await rotated(token);
    const kept = JSON.stringify([
      await subject.store.refreshTokens.find(token),
      await subject.store.refreshTokens.find(successor),
    ]);
    for (const secret of [token, successor]) expect(kept).not.toContain(secret);
  });

  test("is told to clients as a feature", async () => {
    const info = await (await app.fetch(new Request("http://localhost/v1/server"))).json();
    expect(info.features).toContain("refresh-rotation");
  });
});
