import { describe, expect, test } from "bun:test";
import type { JWTPayload } from "jose";
import * as answers from "../../support/idp/answers.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE, type Logins, useLogins } from "../../support/idp/logins.ts";
import { SESSION_ABSOLUTE, SESSION_IDLE } from "../../support/idp/login-server.ts";
import { SigningKey } from "../../support/idp/signing-key.ts";

const logins = useLogins();

const browserOf = ({ server }: Logins, origin = server.origin) => new Browser(server.serve, origin);

/** Begins a login; where the provider is asked. */
async function begin(browser: Browser, next?: string): Promise<string> {
  const response = await browser.get(`/auth/login${next === undefined ? "" : `?next=${encodeURIComponent(next)}`}`);
  expect(response.status).toBe(302);
  return response.headers.get("location")!;
}

/** A whole login; the answer to the callback. */
async function logIn({ idp }: Logins, browser: Browser, claims: JWTPayload = ALICE, next?: string): Promise<Response> {
  const callback = idp.authorize(await begin(browser, next), claims);
  return browser.get(callback.pathname + callback.search);
}

/** Who is signed in in this browser. */
const viewer = async ({ server }: Logins, browser: Browser) =>
  (await server.sessions.clientOf(browser.request("/jobs")))?.id ?? null;

/** ASVS 5.0 controls 10.1.1, 10.1.2 and 10.2.1. */
describe("beginning a browser login", () => {
  test("asks the provider for a code with PKCE, state and nonce (RFC 7636; RFC 9700 section 2.1.1)", async () => {
    const site = await logins();
    const url = new URL(await begin(browserOf(site)));
    const asked = Object.fromEntries(url.searchParams);
    expect(url.origin + url.pathname).toBe("https://idp.example/authorize");
    const unguessable = expect.stringMatching(/^[A-Za-z0-9_-]{43}$/);
    expect(asked).toEqual({
      response_type: "code",
      client_id: "testflinger-client",
      redirect_uri: "http://localhost/auth/callback",
      scope: "openid profile email",
      state: unguessable,
      nonce: unguessable,
      code_challenge: unguessable,
      code_challenge_method: "S256",
    });
    expect(new Set([asked.state, asked.nonce, asked.code_challenge]).size).toBe(3);
  });

  test("keeps what proves the login in a sealed cookie, not in the address or on the server", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const asked = new URL(await begin(browser)).searchParams;
    const { value, httpOnly, sameSite, path, maxAge } = browser.cookies.get("testflinger-login")!;
    expect({ httpOnly, sameSite, path, maxAge }).toEqual({ httpOnly: true, sameSite: "lax", path: "/", maxAge: 900 });
    const clear = Buffer.from(value, "base64url").toString("latin1");
    for (const name of ["state", "nonce", "code_challenge"]) expect(clear).not.toContain(asked.get(name)!);
  });

  test("must not be cached nor tell other sites where it leads", async () => {
    const response = await browserOf(await logins()).get("/auth/login");
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(response.headers.get("referrer-policy")).toBe("no-referrer");
  });

  /** ASVS 5.0 control 7.6.2: a provider that knows the browser asks nothing, so that a link or a script would sign people in. */
  test.each<[string, boolean, Record<string, string>]>([
    ["a link or script of another site", true, { "sec-fetch-site": "cross-site" }],
    ["another host of the domain", true, { "sec-fetch-site": "same-site" }],
    ["a guess of the browser", true, { "sec-fetch-site": "none", "sec-purpose": "prefetch" }],
    ["a link of this server", false, { "sec-fetch-site": "same-origin" }],
    ["the address that the person typed", false, { "sec-fetch-site": "none" }],
    ["a browser that does not tell", false, {}],
  ])("by %s asks the person first: %p", async (_case, asks, headers) => {
    const site = await logins();
    const response = await browserOf(site).get('/auth/login?next=/jobs?q="><script>', headers);
    expect(response.status).toBe(asks ? 200 : 302);
    expect(response.headers.has("set-cookie")).toBe(!asks);
    if (!asks) return;
    expect(response.headers.has("location")).toBe(false);
    expect(response.headers.has("refresh")).toBe(false);
    expect(await response.text()).toContain('href="/auth/login?next=%2Fjobs%3Fq%3D%22%3E%3Cscript%3E"');
  });

  /** RFC 6265bis section 4.1.3.2, ASVS 5.0 controls 3.3.1 and 3.3.3. */
  test("over https sets cookies that no other host of the domain can set", async () => {
    const site = await logins({ origin: "https://lab.example" });
    const browser = browserOf(site);
    await logIn(site, browser);
    const session = browser.cookies.get("__Host-testflinger-session")!;
    expect(session).toMatchObject({ secure: true, httpOnly: true, sameSite: "lax", path: "/" });
    expect(await viewer(site, browser)).toBe(ALICE.email);
    // The same value under a name that anybody could set counts for nothing.
    browser.cookies.delete(session.name);
    browser.cookies.set("testflinger-session", new Bun.Cookie("testflinger-session", session.value));
    expect(await viewer(site, browser)).toBeNull();
  });

  test.each([
    ["does not answer", answers.down, "Failed to communicate with OIDC provider"],
    ["answers with a page", answers.html(), "OIDC provider returned an unexpected response"],
  ])("shows a page when the provider %s", async (_case, answer, message) => {
    const site = await logins();
    site.idp.next("/.well-known/openid-configuration", answer);
    const response = await browserOf(site).get("/auth/login");
    expect(response.status).toBe(502);
    expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await response.text()).toContain(message);
  });

  test.each(["javascript:alert(1)", "http://idp.example/authorize", "", undefined])(
    "sends nobody to %p",
    async (endpoint) => {
      const site = await logins();
      site.idp.metadata.authorization_endpoint = endpoint;
      const response = await browserOf(site).get("/auth/login");
      expect([response.status, response.headers.get("location")]).toEqual([502, null]);
    },
  );

  test("many times leaves few pending logins, the newest", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const begun: string[] = [];
    for (let count = 0; count < 50; count++) begun.push(await begin(browser, `/jobs?search=${"x".repeat(400)}`));
    expect(browser.cookies.get("testflinger-login")!.value.length).toBeLessThan(3500);
    const callback = site.idp.authorize(begun[0]!, ALICE);
    expect((await browser.get(callback.pathname + callback.search)).status).toBe(400);
    const last = site.idp.authorize(begun[49]!, ALICE);
    expect((await browser.get(last.pathname + last.search)).status).toBe(302);
  });
});

/** ASVS 5.0 controls 10.1.2 and 10.2.1 (a login is finished by the browser that began it), 10.2.2 (mix-up) and 10.5.1 (nonce). */
describe("finishing a browser login", () => {
  test("signs the person in and leads to the page first asked for", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const response = await logIn(site, browser, ALICE, "/jobs/1?tab=log#end");
    expect([response.status, response.headers.get("location")]).toEqual([302, "/jobs/1?tab=log#end"]);
    expect(await viewer(site, browser)).toBe(ALICE.email);
    expect(await site.store.clients.find(ALICE.email)).toMatchObject({ name: ALICE.name, subject: { sub: ALICE.sub } });
    expect(site.server.events()).toEqual([`session_created:${ALICE.email}`, `authn_login_success:${ALICE.email}`]);
    expect(browser.cookies.has("testflinger-login")).toBe(false);
  });

  test("proves to the provider that this server began it", async () => {
    const site = await logins({ clientSecret: "s3cret" });
    await logIn(site, browserOf(site));
    expect(site.idp.callsOf("/token")).toMatchObject([
      {
        authorization: `Basic ${btoa("testflinger-client:s3cret")}`,
        form: {
          grant_type: "authorization_code",
          code_verifier: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
          redirect_uri: "http://localhost/auth/callback",
        },
      },
    ]);
  });

  /** ASVS 5.0 control 7.2.4: a session that somebody else knows must not become one that somebody is signed in with. */
  test("gives a new session, and ends the one that the browser came with", async () => {
    const site = await logins();
    const browser = browserOf(site);
    await logIn(site, browser);
    const first = browser.cookies.get("testflinger-session")!;
    await logIn(site, browser, { ...ALICE, sub: "bob", email: "bob@example.com" });
    expect(browser.cookies.get("testflinger-session")!.value).not.toBe(first.value);
    expect(await viewer(site, browser)).toBe("bob@example.com");
    browser.cookies.set(first.name, first);
    expect(await viewer(site, browser)).toBeNull();
  });

  test("takes no session id that the browser brings along", async () => {
    const site = await logins();
    const browser = browserOf(site);
    browser.cookies.set("testflinger-session", new Bun.Cookie("testflinger-session", "planted"));
    await logIn(site, browser);
    expect(browser.cookies.get("testflinger-session")!.value).not.toBe("planted");
  });

  test("that nobody has begun leads home, whatever the provider says", async () => {
    const site = await logins();
    for (const query of ["code=x&state=y", "error=access_denied&state=y", "", "state=", "code=x"]) {
      const response = await browserOf(site).get(`/auth/callback?${query}`);
      expect([response.status, response.headers.get("location")]).toEqual([302, "/"]);
    }
    expect(site.idp.callsOf("/token")).toEqual([]);
    expect(site.server.events()).toEqual(Array(5).fill("authn_login_fail:unknown"));
  });

  /** Login CSRF (RFC 9700 section 4.7): the attacker's answer, sent to the victim's browser, would sign the victim in as the attacker. */
  test("that another browser has begun is refused", async () => {
    const site = await logins();
    const [victim, attacker] = [browserOf(site), browserOf(site)];
    const callback = site.idp.authorize(await begin(attacker), ALICE);
    await begin(victim);
    const response = await victim.get(callback.pathname + callback.search);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain("begun in another tab");
    expect(await viewer(site, victim)).toBeNull();
    expect(site.idp.callsOf("/token")).toEqual([]);
  });

  test("takes the provider's answer once", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser), ALICE);
    expect((await browser.get(callback.pathname + callback.search)).status).toBe(302);
    const session = browser.cookies.get("testflinger-session")!.value;
    const again = await browser.get(callback.pathname + callback.search);
    expect([again.status, again.headers.get("location")]).toEqual([302, "/"]);
    expect(browser.cookies.get("testflinger-session")!.value).toBe(session);
    expect(site.idp.callsOf("/token")).toHaveLength(1);
  });

  test("after a quarter of an hour is too late", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser), ALICE);
    site.clock.advance(900);
    const response = await browser.get(callback.pathname + callback.search);
    expect([response.status, await viewer(site, browser)]).toEqual([400, null]);
  });

  test("works in two tabs at once", async () => {
    const site = await logins();
    const browser = browserOf(site);
    const [one, two] = [await begin(browser, "/one"), await begin(browser, "/two")];
    for (const [location, path] of [
      [one, "/one"],
      [two, "/two"],
    ] as const) {
      const callback = site.idp.authorize(location, ALICE);
      expect((await browser.get(callback.pathname + callback.search)).headers.get("location")).toBe(path);
    }
  });

  test.each<[string, (answer: URLSearchParams) => void, number, string]>([
    ["from another issuer (RFC 9207)", (answer) => answer.set("iss", "https://evil.example"), 400, "does not belong"],
    ["with two codes", (answer) => answer.append("code", "x"), 400, "does not belong"],
    ["without a code", (answer) => answer.delete("code"), 502, "sent no code"],
    ["with a stolen code", (answer) => answer.set("code", "stolen"), 502, "(invalid_grant)"],
    ["that says no", (answer) => answer.set("error", "access_denied"), 403, "was declined"],
    ["with an error that is markup", (answer) => answer.set("error", "<script>x</script>"), 502, "(another error)"],
  ])("an answer %s signs nobody in and tells why", async (_case, bend, status, message) => {
    const site = await logins();
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), ALICE);
    bend(callback.searchParams);
    await expectRefusal(site, browser, callback, status, message);
  });

  test("an answer without the issuer that the provider promises signs nobody in (RFC 9207 section 2.4)", async () => {
    const site = await logins();
    site.idp.metadata.authorization_response_iss_parameter_supported = true;
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), ALICE);
    callback.searchParams.delete("iss");
    await expectRefusal(site, browser, callback, 400, "does not belong");
  });

  test.each<[string, object | undefined, number, string]>([
    ["with another nonce (OpenID Connect Core section 3.1.3.7)", { nonce: "another" }, 502, "ID token"],
    ["without a nonce", { nonce: undefined }, 502, "ID token"],
    ["for another client", { aud: "another" }, 502, "ID token"],
    ["of another issuer", { iss: "https://evil.example" }, 502, "ID token"],
    ["that has expired", { exp: 1 }, 502, "ID token"],
    ["that is missing", undefined, 502, "did not return an ID token"],
  ])("an ID token %s signs nobody in", async (_case, claims, status, message) => {
    const site = await logins();
    site.idp.idToken = (given) => claims && site.idp.key.sign({ ...given, ...claims });
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), ALICE);
    await expectRefusal(site, browser, callback, status, message);
  });

  test.each<[string, object, number, string]>([
    ["with an unverified address", { email_verified: false }, 403, "is not verified"],
    ["without an address", { email: undefined }, 502, "did not return an email address"],
    ["with the address of another account", { email: "taken@example.com" }, 409, "already belongs to another account"],
  ])("a person %s is not signed in (auth section 8, no. 3)", async (_case, claims, status, message) => {
    const site = await logins();
    await site.store.clients.create({ id: "taken@example.com", permissions: {} });
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), { ...ALICE, ...claims });
    await expectRefusal(site, browser, callback, status, message);
    expect(await site.store.clients.list()).toHaveLength(1);
  });

  test.each<[string, string, answers.Answer]>([
    ["is down", "/token", answers.down],
    ["answers with a page", "/token", answers.html()],
    ["answers without end", "/token", answers.flood],
    ["sends its keys as a page", "/jwks", answers.html()],
    ["does not tell who the person is", "/userinfo", answers.html(500)],
  ])("a provider that %s signs nobody in", async (_case, path, answer) => {
    const site = await logins();
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), ALICE);
    site.idp.next(path, answer);
    await expectRefusal(site, browser, callback, 502, "You are not signed in");
  });

  test("a provider that does not answer in time signs nobody in", async () => {
    const site = await logins({ providerTimeLimit: 20 });
    const browser = browserOf(site);
    const callback = site.idp.authorize(await begin(browser, "/jobs"), ALICE);
    site.idp.next("/token", answers.hang);
    await expectRefusal(site, browser, callback, 502, "Failed to communicate with OIDC provider");
  });

  test("goes on when the provider has changed its key", async () => {
    const site = await logins();
    expect((await logIn(site, browserOf(site))).headers.get("location")).toBe("/");
    site.idp.key = await SigningKey.create("key-2");
    expect((await logIn(site, browserOf(site))).headers.get("location")).toBe("/");
  });

  async function expectRefusal(site: Logins, browser: Browser, callback: URL, status: number, message: string) {
    const response = await browser.get(callback.pathname + callback.search);
    const page = await response.text();
    expect([response.status, page]).toEqual([status, expect.stringContaining(message)]);
    expect(page).not.toContain("<script");
    expect(page).toContain('href="/auth/login?next=%2Fjobs"');
    expect(response.headers.get("cache-control")).toBe("no-store");
    expect(browser.cookies.has("testflinger-session")).toBe(false);
    expect(await viewer(site, browser)).toBeNull();
    expect(site.server.events()).toEqual(["authn_login_fail:unknown"]);
  }
});

/** ASVS 5.0 controls 7.2.1, 7.3.1, 7.3.2 and 7.4.2. */
describe("a browser session", () => {
  const signedIn = async (options = {}) => {
    const site = await logins(options);
    const browser = browserOf(site);
    await logIn(site, browser);
    return { site, browser };
  };

  test("shows the account as it is now, not as it was at the login", async () => {
    const { site, browser } = await signedIn();
    await site.store.clients.update(ALICE.email, { role: "admin" });
    expect((await site.server.sessions.clientOf(browser.request("/")))?.permissions.role).toBe("admin");
  });

  test("ends with the account (control 7.4.2)", async () => {
    const { site, browser } = await signedIn();
    await site.store.clients.delete(ALICE.email);
    expect(await viewer(site, browser)).toBeNull();
    await logIn(site, browserOf(site));
    expect(await viewer(site, browser)).toBeNull();
  });

  test("counts for nothing while the account is disabled, which cannot log in either", async () => {
    const { site, browser } = await signedIn();
    await site.store.clients.update(ALICE.email, { disabled: true });
    expect(await viewer(site, browser)).toBeNull();
    const refused = await logIn(site, browserOf(site));
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining("is disabled")]);
    await site.store.clients.update(ALICE.email, { disabled: false });
    expect(await viewer(site, browser)).toBe(ALICE.email);
  });

  test("follows a person whose address changes", async () => {
    const { site, browser } = await signedIn();
    await logIn(site, browserOf(site), { ...ALICE, email: "alice@example.org" });
    expect(await viewer(site, browser)).toBe("alice@example.org");
  });

  test("ends after a time without visits (control 7.3.1), which visits prolong", async () => {
    const { site, browser } = await signedIn();
    site.clock.advance(SESSION_IDLE - 1);
    expect(await viewer(site, browser)).toBe(ALICE.email);
    site.clock.advance(SESSION_IDLE - 1);
    expect(await viewer(site, browser)).toBe(ALICE.email);
    site.clock.advance(SESSION_IDLE);
    expect(await viewer(site, browser)).toBeNull();
  });

  test("ends after its time whatever happens (control 7.3.2)", async () => {
    const { site, browser } = await signedIn();
    for (let passed = 0; passed + 1800 < SESSION_ABSOLUTE; passed += 1800) {
      site.clock.advance(1800);
      expect(await viewer(site, browser)).toBe(ALICE.email);
    }
    site.clock.advance(1800);
    expect(await viewer(site, browser)).toBeNull();
  });

  test("is kept neither in clear nor with the ID token in clear", async () => {
    const { site, browser } = await signedIn();
    const [kept] = await site.store.browserSessions.ofClient(ALICE.email, site.clock.now());
    const { value } = browser.cookies.get("testflinger-session")!;
    expect(value).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(JSON.stringify(kept)).not.toContain(value);
    expect(kept!.hash).not.toBe(new Bun.CryptoHasher("sha256").update(value).digest("hex"));
    expect(Buffer.from(kept!.sealedIdToken!, "base64url").toString("latin1")).not.toContain("eyJ");
  });

  test("is the same on every server of the deployment", async () => {
    const { site, browser } = await signedIn();
    expect((await site.server.replica().sessions.clientOf(browser.request("/")))?.id).toBe(ALICE.email);
  });

  test("ends with another WEB_SECRET_KEY", async () => {
    const { site, browser } = await signedIn();
    const other = site.server.replica({ webSecretKey: "another key" });
    expect(await other.sessions.clientOf(browser.request("/"))).toBeNull();
  });
});

describe("signing out", () => {
  const signedIn = async (options = {}) => {
    const site = await logins(options);
    const browser = browserOf(site);
    await logIn(site, browser);
    site.server.lines.length = 0;
    return { site, browser };
  };

  test("ends the session on the server, not only in the browser (control 7.4.1)", async () => {
    const { site, browser } = await signedIn();
    const cookie = browser.cookies.get("testflinger-session")!;
    const response = await browser.post("/auth/logout");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    expect(browser.cookies.has(cookie.name)).toBe(false);
    browser.cookies.set(cookie.name, cookie);
    expect(await viewer(site, browser)).toBeNull();
    expect(site.server.events()).toEqual([`session_expired:${ALICE.email},signed out`]);
  });

  test.each<[string, Record<string, string>]>([
    ["another site", { origin: "https://evil.example" }],
    ["another port of the host", { origin: "http://localhost:8080" }],
    ["a sandboxed frame", { origin: "null" }],
    ["a page of unknown origin", {}],
    ["another site, as the browser tells", { "sec-fetch-site": "cross-site" }],
  ])("is refused for a form of %s (control 3.5.1)", async (_case, headers) => {
    const { site, browser } = await signedIn();
    expect((await browser.post("/auth/logout", headers)).status).toBe(403);
    expect(await viewer(site, browser)).toBe(ALICE.email);
  });

  /** Browsers send the cookie along when a link of another site leads here. */
  test.each<[string, Record<string, string>, boolean]>([
    ["a link of another site", { "sec-fetch-site": "cross-site" }, false],
    ["another host of the domain", { "sec-fetch-site": "same-site" }, false],
    ["the browser's guess at the next page", { "sec-fetch-site": "none", "sec-purpose": "prefetch" }, false],
    ["who knows", {}, false],
    ["a link of this server", { "sec-fetch-site": "same-origin" }, true],
    ["the address bar", { "sec-fetch-site": "none" }, true],
  ])("by GET goes home; asked for by %s it ends the session: %p %p", async (_case, headers, ends) => {
    const { site, browser } = await signedIn();
    const response = await browser.get("/auth/logout", headers);
    expect([response.status, response.headers.get("location")]).toEqual([302, "/"]);
    expect(await viewer(site, browser)).toBe(ends ? null : ALICE.email);
  });

  /** ASVS 5.0 control 7.6.1. */
  test("ends the login at the provider too, if the provider can do that (RP-Initiated Logout 1.0)", async () => {
    const { site, browser } = await signedIn();
    site.idp.metadata.end_session_endpoint = "https://idp.example/logout?tenant=1";
    site.clock.advance(3000);
    await site.server.sessions.clientOf(browser.request("/"));
    site.clock.advance(3000);
    const page = await browser.post("/auth/logout");
    expect(page.status).toBe(200);
    const target = new URL(page.headers.get("refresh")!.replace("0; url=", ""));
    expect(target.origin + target.pathname).toBe("https://idp.example/logout");
    expect(Object.fromEntries(target.searchParams)).toEqual({
      tenant: "1",
      client_id: "testflinger-client",
      id_token_hint: expect.stringMatching(/^eyJ/),
    });
    expect(await page.text()).toContain(Bun.escapeHTML(target.href));
    expect(await viewer(site, browser)).toBeNull();
  });

  test("comes back from the provider where that is registered there", async () => {
    const site = await logins({ returnFromLogout: true });
    site.idp.metadata.end_session_endpoint = "https://idp.example/logout";
    const browser = browserOf(site);
    await logIn(site, browser);
    const response = await browser.get("/auth/logout", { "sec-fetch-site": "same-origin" });
    const target = new URL(response.headers.get("location")!);
    expect(target.searchParams.get("post_logout_redirect_uri")).toBe("http://localhost/");
  });

  test.each(["javascript:alert(1)", "http://idp.example/logout"])("leads nobody to %s", async (endpoint) => {
    const site = await logins();
    site.idp.metadata.end_session_endpoint = endpoint;
    const browser = browserOf(site);
    await logIn(site, browser);
    expect((await browser.post("/auth/logout")).headers.get("location")).toBe("/");
    expect(await viewer(site, browser)).toBeNull();
  });

  test("works while the provider is down", async () => {
    const { site, browser } = await signedIn();
    site.clock.advance(3600 - 1);
    site.idp.next("/.well-known/openid-configuration", answers.down);
    site.clock.advance(0.5);
    expect((await browser.post("/auth/logout")).headers.get("location")).toBe("/");
    expect(await viewer(site, browser)).toBeNull();
  });

  test("without a session goes home and tells nobody", async () => {
    const site = await logins();
    const response = await browserOf(site).post("/auth/logout");
    expect([response.status, response.headers.get("location")]).toEqual([303, "/"]);
    expect(site.server.events()).toEqual([]);
  });
});
