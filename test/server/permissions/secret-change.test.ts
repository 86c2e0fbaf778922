import { afterEach, beforeEach, expect, test } from "bun:test";
import { hashSecret } from "../../../src/server/tokens/client-secret.ts";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";
import { runAdminCommand } from "../admin/command-line.ts";

const [OLD, NEW] = ["the-secret-of-old", "the-secret-of-new"];

/** Who had the former secret may be the reason for the new one: nothing that it began goes on (ASVS 5.0 control 7.4.3, RFC 9700 section 4.14.2). */
contract("a new secret of a client", (subject) => {
  let app: TestApp;
  const clock = new TestClock();
  beforeEach(async () => {
    app = await testApp({ now: clock.now, on: subject });
    for (const id of ["ci", "other"]) {
      const permissions = { role: "manager" };
      await app.store.clients.create({ id, secretHash: await hashSecret(OLD), permissions });
    }
    await app.store.browserSessions.add({
      id: "session-of-ci",
      hash: "hash",
      clientId: "ci",
      createdAt: clock.now(),
      lastSeenAt: clock.now(),
      idleUntil: new Date(clock.now().getTime() + 1e6),
      expiresAt: new Date(clock.now().getTime() + 1e6),
    });
  });
  afterEach(() => app.close());

  const send = (method: string, path: string, authorization: string | undefined, body?: unknown) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...(authorization === undefined ? {} : { authorization }) },
        body: body === undefined ? undefined : JSON.stringify(body),
      }),
    );
  const login = (id: string, secret: string) =>
    send("POST", "/v1/oauth2/token", `Basic ${btoa(`${id}:${secret}`)}`) as Promise<Response>;
  const tokensOf = async (id: string): Promise<{ access_token: string; refresh_token: string }> =>
    (await login(id, OLD)).json();
  const refresh = async (refresh_token: string, rotate = false) =>
    send("POST", "/v1/oauth2/refresh", undefined, { refresh_token, rotate });
  const setSecret = async (client_secret: string) =>
    (
      await send("PUT", "/v1/client-permissions/ci", `Bearer ${await app.token("boss", { role: "admin" })}`, {
        client_secret,
      })
    ).status;
  const events = (): string[] => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
  const ended = () =>
    events()
      .filter((event) => /^(authn_token_revoked|session_expired|authn_password_change)/.test(event))
      .map((event) => event.replace(/(revoked:\w+),.*/, "$1"))
      .toSorted();

  test("ends all its logins and browser sessions at once, and tells the audit log of each", async () => {
    const [first, second, other] = [await tokensOf("ci"), await tokensOf("ci"), await tokensOf("other")];
    const rotated = (await (await refresh(second.refresh_token, true)).json()).refresh_token;
    expect(await setSecret(NEW)).toBe(200);
    expect((await refresh(first.refresh_token)).status).toBe(400);
    expect((await refresh(rotated)).status).toBe(400);
    expect(await app.store.browserSessions.living("session-of-ci", clock.now())).toBeNull();
    expect((await refresh(other.refresh_token)).status).toBe(200);
    expect([(await login("ci", OLD)).status, (await login("ci", NEW)).status]).toEqual([401, 200]);
    expect(ended()).toEqual([
      "authn_password_change:ci",
      "authn_token_revoked:ci",
      "authn_token_revoked:ci",
      "session_expired:ci,ended",
    ]);
    // A manager changes nothing any more, not even for the rest of the access token's ten minutes.
    const change = { max_priority: { q: 1 } };
    expect((await send("PUT", "/v1/client-permissions/other", `Bearer ${first.access_token}`, change)).status).toBe(
      401,
    );
  });

  test("ends nothing when it is the same again, which only gets another hash", async () => {
    const { refresh_token } = await tokensOf("ci");
    const before = (await app.store.clients.find("ci"))?.secretHash;
    expect(await setSecret(OLD)).toBe(200);
    expect((await app.store.clients.find("ci"))?.secretHash).not.toBe(before);
    expect((await refresh(refresh_token)).status).toBe(200);
    expect(await app.store.browserSessions.living("session-of-ci", clock.now())).not.toBeNull();
    expect(ended()).toEqual([]);
  });

  test("and no other change ends anything", async () => {
    const { refresh_token } = await tokensOf("ci");
    const admin = `Bearer ${await app.token("boss", { role: "admin" })}`;
    await send("PUT", "/v1/client-permissions/ci", admin, { max_priority: { q: 5 }, role: "contributor" });
    expect((await refresh(refresh_token)).status).toBe(200);
  });

  test("leaves no login that was under way with the former one", async () => {
    const { clients } = app.store;
    // Between the check of the former secret and the token.
    const racing = await testApp({
      now: clock.now,
      on: {
        watch: subject.watch,
        store: {
          ...subject.store,
          refreshTokens: Object.assign(Object.create(subject.store.refreshTokens), {
            add: async (...args: Parameters<typeof subject.store.refreshTokens.add>) => {
              await clients.update("ci", { secretHash: await hashSecret(NEW) });
              return subject.store.refreshTokens.add(...args);
            },
            find: (token: string) => subject.store.refreshTokens.find(token),
            revoke: (id: string) => subject.store.refreshTokens.revoke(id),
          }),
        },
      },
    });
    const answer = await racing.fetch(
      new Request("http://localhost/v1/oauth2/token", {
        method: "POST",
        headers: { authorization: `Basic ${btoa(`ci:${OLD}`)}` },
      }),
    );
    expect(answer.status).toBe(401);
    expect(await app.store.refreshTokens.ofClient("ci", clock.now())).toEqual([]);
    await racing.close();
  });

  test("by the operator ends them as well, and says how many", async () => {
    const { refresh_token } = await tokensOf("ci");
    const operator = { store: app.store, now: clock.now, watch: subject.watch };
    const changed = await runAdminCommand("set-permissions ci --secret-stdin", operator, { stdin: `${NEW}\n` });
    expect(changed.out).toContain("Ended 2 logins that were begun with the former secret.\n");
    expect(changed.events.map((event) => event.replace(/(revoked:\w+),.*/, "$1")).toSorted()).toEqual([
      "authn_password_change:ci",
      "authn_token_revoked:ci",
      "session_expired:ci,ended",
      "user_updated:root,ci,role=manager,max_priority,max_reservation_time,allowed_queues",
    ]);
    expect((await refresh(refresh_token)).status).toBe(400);
    const again = await runAdminCommand("set-permissions ci --secret-stdin", operator, { stdin: `${NEW}\n` });
    expect(again.events.map((event) => event.split(":")[0])).toEqual(["user_updated"]);
  });
});
