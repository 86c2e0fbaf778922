import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { secretFiles } from "../../src/server/admin/secret-files.ts";
import { hashSecret } from "../../src/server/tokens/client-secret.ts";
import { TestClock } from "../support/clock.ts";
import { databaseDump } from "../support/credentials/database-dump.ts";
import { Browser } from "../support/idp/browser.ts";
import { ALICE } from "../support/idp/logins.ts";
import { MockIdp } from "../support/idp/mock-idp.ts";
import { type StoreForServers, storesForServers } from "../support/stores.ts";
import { SIGNING_KEY, type TestApp, testApp, WEB_SECRET_KEY } from "../support/test-app.ts";
import { runAdminCommand } from "./admin/command-line.ts";

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/** Milliseconds; a new database takes its time on a busy machine. */
const TIME_LIMIT = 60_000;

/**
 * ASVS 5.0 controls 16.2.5 (logs) and 11.4.2, 13.3.1 (what is stored). Every test that runs a server fails at its end when a credential that its watch
 * has recognised is in a log or a database. Here every kind of login is used, and the test itself names the credentials: the watch must know them all.
 */
describe.each(storesForServers())("on $name no log line and no record holds a credential", ({ open }) => {
  let store: StoreForServers, app: TestApp, idp: MockIdp;
  const clock = new TestClock();
  /** What each credential that was used is, by its text. */
  const credentials = new Map<string, string>();
  const remember = (what: string, text: string): string => {
    expect(text.length).toBeGreaterThan(8);
    credentials.set(text, what);
    return text;
  };

  beforeEach(async () => {
    store = await open();
    idp = await MockIdp.create({ now: clock.now });
    idp.deviceAuthorization.device_code = remember("device code", `device-code-${crypto.randomUUID()}`);
    const sign = idp.idToken;
    idp.idToken = async (claims) => remember("ID token", (await sign(claims))!);
    const env = {
      ...store.env,
      OIDC_PROVIDER_ISSUER: idp.issuer,
      OIDC_CLIENT_SECRET: remember("provider's client secret", "s3cret/of+the=client"),
      TESTFLINGER_SECRETS_MASTER_KEY: remember("master key", Buffer.alloc(96, 7).toString("base64")),
    };
    app = await testApp({ oidc: true, env, now: clock.now, fetch: idp.fetch });
    remember("signing key", SIGNING_KEY);
    remember("web secret key", WEB_SECRET_KEY);
    remember("provider's access token", "idp-access-token");
  }, TIME_LIMIT);
  afterEach(async () => {
    await app.close();
    await store.remove();
  }, TIME_LIMIT);

  const send = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    const init = {
      method,
      headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const response = await app.fetch(new Request(`http://localhost${path}`, init));
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? JSON.parse(text) : text };
  };
  const basic = (id: string, secret: string) => ({
    authorization: `Basic ${remember("basic credentials", btoa(`${id}:${secret}`))}`,
  });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const tokensIn = (what: string, { status, body }: { status: number; body: Record<string, string> }) => {
    expect(status).toBe(200);
    remember(`access token of ${what}`, body.access_token!);
    if (body.refresh_token) remember(`refresh token of ${what}`, body.refresh_token);
    return body as { access_token: string; refresh_token: string };
  };

  async function passwordLogins(): Promise<void> {
    const secret = remember("password", "a-password-of-ci-123");
    const permissions = { role: "admin" };
    await app.store.clients.create({ id: "ci", secretHash: await hashSecret(secret), permissions });
    const first = tokensIn("a password", await send("POST", "/v1/oauth2/token", basic("ci", secret)));
    await send("POST", "/v1/oauth2/token", basic("ci", remember("wrong password", "a-wrong-password-1")));
    await send("POST", "/v1/oauth2/token", basic("nobody", remember("nobody's password", "a-wrong-password-2")));
    await send("POST", "/v1/oauth2/token", { authorization: `Bearer ${first.access_token}` });
    const refresh = (refresh_token: string, rotate?: boolean) =>
      send("POST", "/v1/oauth2/refresh", {}, { refresh_token, rotate });
    tokensIn("a refresh", await refresh(first.refresh_token));
    const second = tokensIn("a rotation", await refresh(first.refresh_token, true));
    tokensIn("a repetition", await refresh(first.refresh_token, true));
    clock.advance(60);
    await refresh(first.refresh_token);
    await refresh(second.refresh_token);
    await refresh(remember("guessed refresh token", "guessed-refresh-token"));
    await send("POST", "/v1/oauth2/refresh", {}, { refresh_token: second.refresh_token, other: 1 });
    await send("POST", "/v1/oauth2/refresh", {}, { token: second.refresh_token });
    const admin = tokensIn("an admin", await send("POST", "/v1/oauth2/token", basic("ci", secret)));
    const newSecret = remember("new password", "a-new-password-of-somebody");
    await send("PUT", "/v1/client-permissions/new", bearer(admin.access_token), { client_secret: newSecret });
    await send("PUT", "/v1/client-permissions/bad", bearer(admin.access_token), {
      client_secret: remember("refused password", "refused-secret"),
      role: "king",
    });
    await send("POST", "/v1/oauth2/revoke", bearer(admin.access_token), { refresh_token: admin.refresh_token });
    await send("PUT", "/v1/secrets/ci/path", bearer(admin.access_token), {
      value: remember("stored secret", "the-value-of-a-stored-secret"),
    });
    const { access_token } = admin;
    await send("GET", "/v1/client-permissions", bearer(`${access_token.slice(0, -4)}xxxx`));
    await send("DELETE", "/v1/oauth2/sessions/unknown", bearer(access_token));
    await send("GET", `/v1/agents/data?token=${access_token}`);
    await send("GET", "/v1/agents/data", { authorization: access_token });
  }

  async function deviceLogins(): Promise<void> {
    const begin = async () => (await send("POST", "/oidc/auth-init", {}, { code_challenge: CHALLENGE })).body;
    const { request_id } = await begin();
    remember("request id", request_id);
    const poll = (code_verifier: string) => send("POST", `/oidc/auth-poll/${request_id}`, {}, { code_verifier });
    await poll(remember("wrong code verifier", "w".repeat(43)));
    await poll(remember("code verifier", VERIFIER));
    clock.advance(10);
    idp.approve(ALICE);
    tokensIn("a device login", await poll(VERIFIER));
    await poll(VERIFIER);
    const second = await begin();
    remember("request id of an open login", second.request_id);
    idp.approve({ ...ALICE, email_verified: false });
    clock.advance(10);
    expect((await send("POST", `/oidc/auth-poll/${second.request_id}`, {}, { code_verifier: VERIFIER })).status).toBe(
      403,
    );
    // Stays in the database.
    const third = await begin();
    remember("request id of a pending login", third.request_id);
  }

  async function browserLogins(): Promise<void> {
    const browser = new Browser(app.fetch);
    const location = new URL((await browser.get("/auth/login?next=/jobs")).headers.get("location")!);
    for (const name of ["state", "nonce"]) remember(name, location.searchParams.get(name)!);
    remember("cookie of a pending login", browser.cookies.get("testflinger-login")!.value);
    const callback = idp.authorize(location.href, ALICE);
    remember("authorization code", callback.searchParams.get("code")!);
    expect((await browser.get(callback.pathname + callback.search)).headers.get("location")).toBe("/jobs");
    await browser.get(callback.pathname + callback.search);
    remember("session cookie", browser.cookies.get("testflinger-session")!.value);
    const request = {
      redirect_uri: "http://127.0.0.1:49152/callback",
      state: remember("state of the command line", "s".repeat(43)),
      code_challenge: CHALLENGE,
      code_challenge_method: "S256",
    };
    const form = { ...request, client_id: ALICE.email, decision: "allow" };
    const allowed = await browser.post("/auth/authorize", undefined, form);
    const code = remember("loopback code", new URL(allowed.headers.get("location")!).searchParams.get("code")!);
    const redemption = { code, code_verifier: VERIFIER, redirect_uri: request.redirect_uri };
    tokensIn("a loopback login", await send("POST", "/v1/oauth2/code", {}, redemption));
    await send("POST", "/v1/oauth2/code", {}, redemption);
    await browser.post("/auth/logout");
    // Stays in the database.
    const again = idp.authorize((await browser.get("/auth/login")).headers.get("location")!, ALICE);
    await browser.get(again.pathname + again.search);
    remember("second session cookie", browser.cookies.get("testflinger-session")!.value);
  }

  async function agents(): Promise<string> {
    let written = "";
    const files: typeof secretFiles = { write: async (_path, _replace, make) => void (written = await make()) };
    const made = await runAdminCommand("create-agent rpi --json", { ...app, now: clock.now }, { files });
    remember("agent's secret", JSON.parse(made.out).client_secret);
    remember("agent's refresh token", JSON.parse(written).refresh_token);
    return made.audit;
  }

  test(
    "after logins of every kind, good and bad",
    async () => {
      await passwordLogins();
      await deviceLogins();
      await browserLogins();
      const audit = await agents();
      const log = app.lines.join("\n") + audit;
      const database = await databaseDump(store.env);
      // What is looked through is what it should be.
      expect(log).toContain("authn_token_reuse:ci");
      expect(database.includes(ALICE.email)).toBe(true);
      expect(credentials.size).toBeGreaterThan(40);
      expect([...credentials].filter(([text]) => !app.watch.knows(text)).map(([, what]) => what)).toEqual([]);
      expect(app.watch.leaks({ log, database })).toEqual([]);
    },
    TIME_LIMIT,
  );
});
