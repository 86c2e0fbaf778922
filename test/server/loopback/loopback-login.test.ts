import { describe, expect, test } from "bun:test";
import { securityEvents } from "../../../src/server/log/security-events.ts";
import { LoginSessions } from "../../../src/server/sessions/login-sessions.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE, type Logins, useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();

const VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const REDIRECT_URI = "http://127.0.0.1:49152/callback";
const REQUEST = {
  redirect_uri: REDIRECT_URI,
  state: "s".repeat(43),
  code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
  code_challenge_method: "S256",
};
const PATH = `/auth/authorize?${new URLSearchParams(REQUEST)}`;
const FORM = { ...REQUEST, client_id: ALICE.email, decision: "allow" };

/** A person who is signed in in a browser. */
async function signedIn(options = {}): Promise<{ site: Logins; browser: Browser }> {
  const site = await logins(options);
  const browser = new Browser(site.server.serve);
  const begun = await browser.get("/auth/login");
  const callback = site.idp.authorize(begun.headers.get("location")!, ALICE);
  await browser.get(callback.pathname + callback.search);
  site.server.lines.length = 0;
  return { site, browser };
}

/** The code that the person lets the command line have. */
async function codeFor(browser: Browser): Promise<string> {
  const response = await browser.post("/auth/authorize", undefined, FORM);
  expect(response.status).toBe(303);
  const answer = new URL(response.headers.get("location")!);
  expect(answer.origin + answer.pathname).toBe(REDIRECT_URI);
  expect(answer.searchParams.get("state")).toBe(REQUEST.state);
  return answer.searchParams.get("code")!;
}

/** As an administrator does with a stolen login. */
const endAll = async ({ store, server, clock }: Logins): Promise<unknown> => {
  const events = securityEvents((line) => server.lines.push(line), clock.now, undefined);
  return new LoginSessions({ store, events, now: clock.now }).endAll(ALICE.email, "root");
};

/** Ids of the person's logins that have not ended. */
const living = async ({ store, clock }: Logins) =>
  (await store.refreshTokens.ofClient(ALICE.email, clock.now())).map(({ id }) => id);

const redeem = ({ server }: Logins, code: string, change = {}) =>
  server.post("/v1/oauth2/code", { code, code_verifier: VERIFIER, redirect_uri: REDIRECT_URI, ...change });

describe("a login of the command line in the browser of the same machine", () => {
  test("gives tokens to whoever began it, once the person allows it", async () => {
    const { site, browser } = await signedIn();
    const page = await browser.get(PATH);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain(`asks to log in as ${ALICE.email}`);
    const response = await redeem(site, await codeFor(browser));
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "no-store"]);
    const { access_token, refresh_token } = await response.json();
    expect(await site.server.accessTokens.verify(access_token)).toMatchObject({ clientId: ALICE.email });
    expect(await site.store.refreshTokens.find(refresh_token)).toMatchObject({ clientId: ALICE.email });
    expect(site.server.events()).toEqual([
      `authn_token_created:${ALICE.email},contributor`,
      `authn_login_success:${ALICE.email}`,
    ]);
  });

  test("leads people who are not signed in to the login first, and back to the question", async () => {
    const site = await logins();
    const browser = new Browser(site.server.serve);
    const first = await browser.get(PATH);
    expect(first.status).toBe(302);
    const begun = await browser.get(first.headers.get("location")!);
    const callback = site.idp.authorize(begun.headers.get("location")!, ALICE);
    const back = await browser.get(callback.pathname + callback.search);
    expect(back.headers.get("location")).toBe(PATH);
    expect((await browser.get(back.headers.get("location")!)).status).toBe(200);
  });

  test("tells who may do what, and for how long, before it is allowed (ASVS 5.0 control 10.7.2)", async () => {
    const { browser } = await signedIn();
    const page = await (await browser.get(PATH)).text();
    for (const told of [
      "testflinger login --web",
      ALICE.email,
      "everything that you can do here",
      "6 days",
      "My sessions",
    ])
      expect(page).toContain(told);
  });

  test("is told that the person does not want it", async () => {
    const { browser } = await signedIn();
    for (const decision of ["deny", "", "ALLOW"]) {
      const response = await browser.post("/auth/authorize", undefined, { ...FORM, decision });
      expect(response.headers.get("location")).toBe(`${REDIRECT_URI}?error=access_denied&state=${REQUEST.state}`);
    }
  });

  /** RFC 8252 section 8.6, ASVS 5.0 control 10.7.1: consent is the person's own. */
  test("is not allowed by the visit of a page, by another site's form, or in a frame", async () => {
    const { browser } = await signedIn();
    const page = await browser.get(PATH);
    expect(page.headers.get("location")).toBeNull();
    const policy = page.headers.get("content-security-policy");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self' http://127.0.0.1:49152;");
    expect(policy).toContain("default-src 'none'");
    // With `no-referrer` browsers would not tell where the form comes from.
    expect(page.headers.get("referrer-policy")).toBe("same-origin");
    for (const headers of [{}, { origin: "https://evil.example" }, { origin: "null" }]) {
      const response = await browser.post("/auth/authorize", headers as Record<string, string>, FORM);
      expect([response.status, response.headers.get("location")]).toEqual([403, null]);
    }
  });

  test("is not allowed by somebody who was asked as another person", async () => {
    const { browser } = await signedIn();
    const response = await browser.post("/auth/authorize", undefined, { ...FORM, client_id: "bob@example.com" });
    expect([response.status, response.headers.get("location")]).toEqual([403, null]);
  });

  test("is not allowed by nobody", async () => {
    const site = await logins();
    const response = await new Browser(site.server.serve).post("/auth/authorize", undefined, FORM);
    expect([response.status, response.headers.get("location")]).toEqual([403, null]);
  });

  test("shows what is wrong with it, and sends nobody to where it points", async () => {
    const { browser } = await signedIn();
    const bad = { ...REQUEST, redirect_uri: "https://evil.example/<script>" };
    for (const response of [
      await browser.get(`/auth/authorize?${new URLSearchParams(bad)}`),
      await browser.post("/auth/authorize", undefined, { ...FORM, ...bad }),
    ]) {
      expect([response.status, response.headers.get("location")]).toEqual([400, null]);
      const page = await response.text();
      expect(page).toContain("its redirect_uri is not usable");
      expect(page).not.toContain("evil.example");
    }
  });

  test("shows names as text", async () => {
    const site = await logins();
    const browser = new Browser(site.server.serve);
    const begun = await browser.get("/auth/login");
    const email = "<img/src=x>@example.com";
    const callback = site.idp.authorize(begun.headers.get("location")!, { ...ALICE, email });
    await browser.get(callback.pathname + callback.search);
    const page = await (await browser.get(PATH)).text();
    expect(page).toContain("&lt;img/src=x&gt;@example.com");
    expect(page).not.toContain("<img");
  });
});

/** RFC 6749 section 4.1.2, RFC 7636 section 4.6, RFC 9700 section 4.5; ASVS 5.0 controls 10.4.2 (one use), 10.4.3 (a minute) and 10.4.6 (PKCE). */
describe("a code", () => {
  const REFUSED = { detail: {}, message: "The code is not valid, or not any more. Please log in again." };

  test("is good for one use, on all servers together: whoever shows it again, even at once, leaves no login", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    const replica = site.server.replica();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        redeem(index % 2 ? site : { ...site, server: replica }, code).then(({ status }) => status),
      ),
    );
    expect(answers.filter((status) => status === 200).length).toBeLessThanOrEqual(1);
    expect(answers.filter((status) => status === 400).length).toBeGreaterThanOrEqual(19);
    expect(await site.store.refreshTokens.ofClient(ALICE.email, site.clock.now())).toEqual([]);
  });

  /** ASVS 5.0 control 10.4.2, RFC 6749 section 4.1.2. */
  test("that is used again ends the login that it gave, and tells the audit log", async () => {
    const { site, browser } = await signedIn();
    await redeem(site, await codeFor(browser));
    const older = await living(site);
    site.clock.advance(1);
    const code = await codeFor(browser);
    await redeem(site, code);
    const [id] = await living(site);
    expect(older).not.toContain(id);
    site.server.lines.length = 0;
    expect((await redeem(site, code)).status).toBe(400);
    expect(await living(site)).toEqual(older);
    expect(site.server.events()).toEqual([`authn_token_reuse:${ALICE.email},${id}`, "authn_login_fail:unknown"]);
  });

  test("that somebody shows without the verifier ends nothing", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    await redeem(site, code);
    expect((await redeem(site, code, { code_verifier: "x".repeat(43) })).status).toBe(400);
    expect(await living(site)).toHaveLength(1);
  });

  test("is good for a minute", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    site.clock.advance(60);
    const response = await redeem(site, code);
    expect([response.status, await response.json()]).toEqual([400, REFUSED]);
  });

  test.each([
    ["another verifier", { code_verifier: "x".repeat(43) }],
    ["another port", { redirect_uri: "http://127.0.0.1:49153/callback" }],
  ])("is worthless with %s, and still good for whoever began the login", async (_case, change) => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    const response = await redeem(site, code, change);
    expect([response.status, await response.json()]).toEqual([400, REFUSED]);
    expect(site.server.events()).toEqual(["authn_login_fail:unknown"]);
    expect((await redeem(site, code)).status).toBe(200);
  });

  test.each(["x", "AAAA", `${"A".repeat(300)}`])("that nobody issued is worthless: %s", async (code) => {
    const { site } = await signedIn();
    expect((await redeem(site, code)).status).toBe(400);
  });

  test("that was changed is worthless", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    expect((await redeem(site, `${code.slice(0, -2)}xx`)).status).toBe(400);
  });

  test("is used up however it is spelt", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    expect((await redeem(site, code)).status).toBe(200);
    for (const again of [`${code}=`, `${code}\n`, ` ${code}`, `${code.slice(0, 20)}.${code.slice(20)}`])
      expect((await redeem(site, again)).status).toBe(400);
    expect(await site.store.refreshTokens.ofClient(ALICE.email, site.clock.now())).toHaveLength(1);
  });

  test("is none of the provider's or of another purpose of the same server", async () => {
    const { site, browser } = await signedIn();
    const [session] = await site.store.browserSessions.ofClient(ALICE.email, site.clock.now());
    const sealed = session!.sealedIdToken!;
    site.watch.permit(sealed, "what is sealed may be stored; it is tried as a code here");
    expect((await redeem(site, sealed)).status).toBe(400);
    expect((await redeem(site, browser.cookies.get("testflinger-session")!.value)).status).toBe(400);
  });

  test.each<[string, (site: Logins) => Promise<unknown>]>([
    ["is deleted", ({ store }) => store.clients.delete(ALICE.email)],
    ["is disabled", ({ store }) => store.clients.update(ALICE.email, { disabled: true })],
    ["is logged out everywhere", (site) => endAll(site)],
  ])("is worthless when the account %s meanwhile", async (_case, lose) => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    await lose(site);
    expect((await redeem(site, code)).status).toBe(400);
    expect(await site.store.refreshTokens.ofClient(ALICE.email, site.clock.now())).toEqual([]);
  });

  test("is worthless when the browser has signed out that it was given to", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    await browser.post("/auth/logout");
    expect((await redeem(site, code)).status).toBe(400);
  });

  test("is guessed at a limited number of times", async () => {
    const { site, browser } = await signedIn({ limits: { login: 3 } });
    const code = await codeFor(browser);
    for (let guess = 0; guess < 3; guess++) expect((await redeem(site, `guess${guess}`)).status).toBe(400);
    expect((await redeem(site, code)).status).toBe(429);
  });

  test("is in no log", async () => {
    const { site, browser } = await signedIn();
    const code = await codeFor(browser);
    await redeem(site, code);
    await redeem(site, code);
    expect(site.server.lines.join()).not.toContain(code.slice(0, 20));
  });
});
