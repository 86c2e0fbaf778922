import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

const [OLD, NEW] = ["the-secret-of-old", "the-secret-of-new"];

/** Nobody else has to know the secret (auth section 8, no. 23; ASVS 5.0 controls 6.2.2, 6.2.3 and 7.4.3). */
contract("a client that changes its own secret", (subject) => {
  let app: TestApp;
  const clock = new TestClock();
  beforeEach(async () => {
    app = await testApp({ now: clock.now, on: subject, env: { LIMIT_TOKEN_FAILURES_CLIENT: "3" } });
    for (const id of ["ci", "other"])
      await app.store.clients.create({ id, secretHash: await hashSecret(OLD), permissions: {} });
  });
  afterEach(() => app.close());

  const basic = (id: string, secret: string) => `Basic ${btoa(`${id}:${secret}`)}`;
  const send = (on: TestApp, method: string, path: string, authorization: string | undefined, body?: unknown) =>
    on.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    ) as Promise<Response>;
  const change = (authorization: string | undefined, body: unknown = {}, on = app) =>
    send(on, "POST", "/v1/oauth2/secret", authorization, body);
  const login = (id: string, secret: string) => send(app, "POST", "/v1/oauth2/token", basic(id, secret));
  const refreshTokenOf = async (id: string) => (await (await login(id, OLD)).json()).refresh_token as string;
  const refresh = async (refresh_token: string) =>
    (await send(app, "POST", "/v1/oauth2/refresh", undefined, { refresh_token })).status;
  const events = (): string[] => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test("logs in with the new one from then on", async () => {
    const answer = await change(basic("ci", OLD), { client_secret: NEW });
    expect([answer.status, await answer.json()]).toEqual([200, { client_id: "ci" }]);
    expect([(await login("ci", OLD)).status, (await login("ci", NEW)).status]).toEqual([401, 200]);
    expect((await login("other", OLD)).status).toBe(200);
  });

  test("is told one that the server makes if it chooses none, once and into no cache", async () => {
    const answer = await change(basic("ci", OLD));
    const { client_secret } = await answer.json();
    expect(client_secret).toMatch(/^[A-Za-z0-9]{43}$/);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect((await login("ci", client_secret)).status).toBe(200);
    const next = await (await change(basic("ci", client_secret))).json();
    expect(next.client_secret).not.toBe(client_secret);
  });

  test("ends its other logins, and nobody else's, and tells the audit log", async () => {
    const [own, other] = [await refreshTokenOf("ci"), await refreshTokenOf("other")];
    await app.store.browserSessions.add({
      id: "session",
      hash: "hash",
      clientId: "ci",
      createdAt: clock.now(),
      lastSeenAt: clock.now(),
      idleUntil: new Date(clock.now().getTime() + 1e6),
      expiresAt: new Date(clock.now().getTime() + 1e6),
    });
    await change(basic("ci", OLD), { client_secret: NEW });
    expect([await refresh(own), await refresh(other)]).toEqual([400, 200]);
    expect(await app.store.browserSessions.living("session", clock.now())).toBeNull();
    expect(events().filter((event) => /^(authn_password_change|session_expired)/.test(event))).toEqual([
      "authn_password_change:ci",
      "session_expired:ci,ended",
    ]);
  });

  describe("has to prove who it is with the present one", () => {
    test.each<[string, () => string | undefined | Promise<string>, string]>([
      ["a wrong secret", () => basic("ci", NEW), "Invalid client id or client key"],
      ["an unknown client", () => basic("nobody", OLD), "Invalid client id or client key"],
      ["nothing", () => undefined, "No authorization header specified"],
      [
        "a token",
        async () => `Bearer ${await app.token("ci", { role: "contributor" })}`,
        "Client id and key must be specified in authorization header",
      ],
    ])("not with %s", async (_, authorization, message) => {
      const answer = await change(await authorization(), { client_secret: NEW });
      expect([answer.status, await answer.text()]).toEqual([401, message]);
      expect(answer.headers.get("www-authenticate")).toStartWith("Basic ");
      expect((await login("ci", OLD)).status).toBe(200);
    });

    test("and guesses count as those of a login do", async () => {
      for (let guess = 0; guess < 3; guess++) await change(basic("ci", NEW));
      expect((await change(basic("ci", OLD), { client_secret: NEW })).status).toBe(429);
      expect((await login("ci", OLD)).status).toBe(429);
    });

    test("which a person does not have", async () => {
      const person = { issuer: "https://idp.example.com", sub: "s", email: "ann@example.com", name: "Ann" };
      await app.store.clients.recordLogin(person, clock.now());
      expect((await change(basic("ann@example.com", ""), { client_secret: NEW })).status).toBe(401);
      expect((await app.store.clients.find("ann@example.com"))?.secretHash).toBeUndefined();
    });

    test("and must not be disabled", async () => {
      await app.store.clients.update("ci", { disabled: true });
      expect((await change(basic("ci", OLD), { client_secret: NEW })).status).toBe(401);
    });
  });

  describe("is refused", () => {
    test.each<[string, unknown, unknown]>([
      ["a short one", "short", { client_secret: ["Shorter than minimum length 15."] }],
      ["a long one", "x".repeat(73), { client_secret: ["Longer than maximum length of 72 bytes."] }],
      ["one with a null character", `${NEW}\0`, { client_secret: ["Must not contain a null character."] }],
      ["the present one", OLD, { client_secret: ["Must differ from the present secret."] }],
      ["a number", 5, { client_secret: ["Not a valid string."] }],
    ])("%s", async (_, client_secret, json) => {
      const before = await refreshTokenOf("ci");
      const answer = await change(basic("ci", OLD), { client_secret });
      expect([answer.status, await answer.json()]).toEqual([422, { message: "Validation error", detail: { json } }]);
      expect(await refresh(before)).toBe(200);
    });
  });

  test("is not the system administrator, whose secret is the operator's", async () => {
    await app.store.clients.create({
      id: "testflinger-admin",
      secretHash: await hashSecret(OLD),
      permissions: { role: "admin" },
    });
    expect((await change(basic("testflinger-admin", OLD), { client_secret: NEW })).status).toBe(422);
    expect((await login("testflinger-admin", OLD)).status).toBe(200);
    expect(events()).toContain("authz_admin:testflinger-admin,change_own_secret");
  });

  /** Else whoever stole the former secret could take the client back from the administrator who locks them out. */
  test("does not undo what an administrator changes meanwhile", async () => {
    const { clients } = subject.store;
    const reset = "the-secret-of-the-admin";
    const racing = await testApp({
      now: clock.now,
      on: {
        watch: subject.watch,
        store: {
          ...subject.store,
          clients: Object.assign(Object.create(clients), {
            find: (id: string) => clients.find(id),
            replaceSecret: async (id: string, from: string, to: string) => {
              await clients.update(id, { secretHash: await hashSecret(reset) });
              return clients.replaceSecret(id, from, to);
            },
          }),
        },
      },
    });
    expect((await change(basic("ci", OLD), { client_secret: NEW }, racing)).status).toBe(401);
    expect([(await login("ci", NEW)).status, (await login("ci", reset)).status]).toEqual([401, 200]);
    await racing.close();
  });

  test("at once with others of the same secret does so once", async () => {
    const secrets = Array.from({ length: 4 }, (_, n) => `${NEW}-${n}`);
    const answers = await Promise.all(secrets.map((client_secret) => change(basic("ci", OLD), { client_secret })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });
});
