import { afterEach, beforeEach, expect, test } from "bun:test";
import { contract } from "../../contract/contract.ts";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp, WEB_SECRET_KEY } from "../../support/test-app.ts";

const ADA = "ada@example.com";

interface Listed {
  readonly id: string;
  readonly kind: string;
  readonly address?: string;
  readonly current: boolean;
}

/** ASVS 5.0 controls 7.4.5 (admins end any session), 7.5.2 (people see and end all of their own) and 7.4.1 (an ended one is of no use). */
contract("logins in browsers and on command lines", (subject) => {
  let app: TestApp, clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    app = await testApp({ oidc: true, now: clock.now, on: subject });
    for (const name of ["ada", "eve"])
      await app.store.clients.recordLogin({ issuer: "i", sub: name, email: `${name}@example.com`, name }, clock.now());
  });
  afterEach(() => app.close());

  const later = (seconds: number) => new Date(clock.now().getTime() + seconds * 1000);
  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: object) =>
    app.fetch(
      new Request(`http://localhost${path}`, {
        method,
        headers: { "content-type": "application/json", ...headers },
        body: body && JSON.stringify(body),
      }),
      { requestIP: () => ({ address: "198.51.100.7", family: "IPv4", port: 1 }) },
    );
  const bearer = async (clientId: string, role = "contributor") => ({
    authorization: `Bearer ${await app.token(clientId, { role })}`,
  });
  const browser = async (clientId: string) => {
    const value = `cookie-${crypto.randomUUID()}`;
    const hash = new Bun.CryptoHasher("sha256", WEB_SECRET_KEY).update(value).digest("hex");
    const session = {
      id: crypto.randomUUID(),
      hash,
      clientId,
      createdAt: clock.now(),
      lastSeenAt: clock.now(),
      idleUntil: later(3600),
      expiresAt: later(86_400),
      address: "192.0.2.1",
    };
    await app.store.browserSessions.add(session);
    return { id: session.id, value, hash, cookie: { cookie: `testflinger-session=${value}` } };
  };
  const commandLine = async (clientId: string) => {
    const refreshToken = `token-${crypto.randomUUID()}`;
    const login = {
      clientId,
      issuedAt: clock.now(),
      expiresAt: later(500_000),
      kind: "cli",
      address: "192.0.2.2",
    } as const;
    return { ...(await app.store.refreshTokens.add(refreshToken, login)), refreshToken };
  };
  const list = async (headers: Record<string, string>, query = ""): Promise<Listed[]> =>
    (await send("GET", `/v1/oauth2/sessions${query}`, headers)).json();
  const end = async (id: string, headers: Record<string, string>) =>
    (await send("DELETE", `/v1/oauth2/sessions/${id}`, headers)).status;
  const page = async (cookie: Record<string, string>) => (await send("GET", "/jobs", cookie)).status;
  const events = (): string[] => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test("are listed together, the newest first, with how and from where they are used", async () => {
    const first = await commandLine(ADA);
    clock.advance(60);
    const second = await browser(ADA);
    await commandLine("eve@example.com");
    await browser("eve@example.com");
    expect(await list(await bearer(ADA))).toEqual([
      {
        id: second.id,
        client_id: ADA,
        kind: "browser",
        issued_at: wire(clock.now()),
        last_accessed: wire(clock.now()),
        expires_at: wire(later(86_400)),
        address: "192.0.2.1",
        current: false,
      },
      expect.objectContaining({ id: first.id, kind: "cli", address: "192.0.2.2" }),
    ]);
  });

  test("are told by ids that open nothing: neither the cookie nor its hash", async () => {
    const { value, hash, id } = await browser(ADA);
    const { refreshToken } = await commandLine(ADA);
    const answer = JSON.stringify(await list(await bearer(ADA)));
    for (const secret of [value, hash, refreshToken]) expect(answer).not.toContain(secret);
    expect(await page({ cookie: `testflinger-session=${id}` })).toBe(401);
    expect(await page({ cookie: `testflinger-session=${hash}` })).toBe(401);
  });

  test("end at once: a browser is signed out with its next request, a command line gets no token", async () => {
    const [here, there, line] = [await browser(ADA), await browser(ADA), await commandLine(ADA)];
    expect([await page(here.cookie), await page(there.cookie)]).toEqual([200, 200]);
    expect(await end(there.id, await bearer(ADA))).toBe(200);
    expect([await page(here.cookie), await page(there.cookie)]).toEqual([200, 401]);
    expect(await end(line.id, await bearer(ADA))).toBe(200);
    const refresh = await send("POST", "/v1/oauth2/refresh", {}, { refresh_token: line.refreshToken });
    expect(refresh.status).toBe(400);
    expect((await list(await bearer(ADA))).map(({ id }) => id)).toEqual([here.id]);
    expect(events()).toEqual([
      `session_expired:${ADA},ended`,
      `authn_token_revoked:${ADA},${line.id}`,
      `authn_token_reuse:${ADA},${line.id}`,
    ]);
    expect(await end(there.id, await bearer(ADA))).toBe(404);
  });

  test.each(["manager", "contributor", "agent"])(
    "of others are hidden from a %s, and told to the audit log",
    async (role) => {
      const [theirs, line] = [await browser(ADA), await commandLine(ADA)];
      const eve = await bearer("eve@example.com", role);
      expect((await send("GET", `/v1/oauth2/sessions?client_id=${ADA}`, eve)).status).toBe(403);
      for (const id of [theirs.id, line.id]) expect(await end(id, eve)).toBe(404);
      expect(await page(theirs.cookie)).toBe(200);
      expect(events()).toEqual(["authz_fail:eve@example.com,/v1/oauth2/sessions"]);
    },
  );

  test("of everybody are seen and ended by an admin, in the owner's name", async () => {
    const [theirs, line] = [await browser(ADA), await commandLine(ADA)];
    await app.store.clients.create({ id: "boss", permissions: { role: "admin" } });
    const boss = await bearer("boss", "admin");
    expect((await list(boss, `?client_id=${ADA}`)).map(({ kind }) => kind).toSorted()).toEqual(["browser", "cli"]);
    expect([await end(theirs.id, boss), await end(line.id, boss)]).toEqual([200, 200]);
    expect(await page(theirs.cookie)).toBe(401);
    expect(events()).toEqual([`session_expired:${ADA},ended`, `authn_token_revoked:${ADA},${line.id}`]);
    expect(app.lines.join()).toContain(`boss ended login ${line.id} (cli) of client ${ADA}`);
  });

  test("are the same on the page of a browser, which is marked there", async () => {
    const [here, line] = [await browser(ADA), await commandLine(ADA)];
    const shown = await (await send("GET", "/sessions", here.cookie)).text();
    for (const text of ["this browser", "command line", "192.0.2.1", "192.0.2.2", here.id, line.id])
      expect(shown).toContain(text);
    for (const secret of [here.value, here.hash]) expect(shown).not.toContain(secret);
  });

  test("tell where they were used last", async () => {
    const [here, line] = [await browser(ADA), await commandLine(ADA)];
    clock.advance(61);
    await page(here.cookie);
    await send("POST", "/v1/oauth2/refresh", {}, { refresh_token: line.refreshToken });
    expect((await list(await bearer(ADA))).map(({ address }) => address)).toEqual(["198.51.100.7", "198.51.100.7"]);
  });
});

const wire = (date: Date): string => `${date.toISOString().slice(0, 19)}Z`;
