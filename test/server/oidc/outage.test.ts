import { describe, expect, test } from "bun:test";
import { type Store, StoreUnavailable } from "../../../src/server/store/store.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE, type Logins, useLogins } from "../../support/idp/logins.ts";

const logins = useLogins();

/** A part of a store whose database does not answer. */
const down = <Part extends object>(part: Part, ...methods: (keyof Part)[]): Part =>
  new Proxy(part, {
    get: (target, name) =>
      methods.length === 0 || methods.includes(name as keyof Part)
        ? () => Promise.reject(new StoreUnavailable("connect ECONNREFUSED 10.9.8.7:27017"))
        : Reflect.get(target, name),
  });

/** The person's browser at a server that has lost parts of its database. */
const browserOf = ({ server, store }: Logins, lost: Partial<Store>) => {
  const broken = server.replica({ store: { ...store, ...lost }, limits: { login: 5 } });
  return { browser: new Browser(broken.serve), broken };
};

/** A page, with what a person and a proxy need, and nothing of how the server is made. */
async function expectPage(response: Response): Promise<void> {
  expect([response.status, response.headers.get("content-type")]).toEqual([503, "text/html; charset=utf-8"]);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(response.headers.get("cache-control")).toBe("no-store");
  const page = await response.text();
  expect(page).toContain("The database is not reachable at the moment. Please try again.");
  expect(page).toContain("name the request id request");
  expect(page).not.toMatch(/10\.9\.8\.7|StoreUnavailable|\.ts:\d/);
}

/** ASVS 5.0 control 16.5.1 (a generic message) and 16.5.2 (a login that fails securely when a part of the server is out of reach). */
describe("while the database is out of reach a person is told so by a page", () => {
  test.each([
    ["attempts cannot be counted", (store: Store) => ({ attempts: down(store.attempts) })],
    ["the account cannot be read", (store: Store) => ({ clients: down(store.clients) })],
    ["the login cannot be recorded", (store: Store) => ({ clients: down(store.clients, "recordLogin") })],
    ["the session cannot be kept", (store: Store) => ({ browserSessions: down(store.browserSessions, "add") })],
    [
      "nothing works",
      ({ clients, attempts, browserSessions }: Store) => ({
        clients: down(clients),
        attempts: down(attempts),
        browserSessions: down(browserSessions),
      }),
    ],
  ])("at the end of a login, when %s", async (_what, lose) => {
    const site = await logins();
    const { browser } = browserOf(site, lose(site.store));
    const callback = site.idp.authorize((await browser.get("/auth/login")).headers.get("location")!, ALICE);
    await expectPage(await browser.get(callback.pathname + callback.search));
    expect(browser.cookies.has("testflinger-session")).toBe(false);
  });

  test("when they log out", async () => {
    const site = await logins();
    const whole = new Browser(site.server.serve);
    const callback = site.idp.authorize((await whole.get("/auth/login")).headers.get("location")!, ALICE);
    await whole.get(callback.pathname + callback.search);
    const { browser } = browserOf(site, { browserSessions: down(site.store.browserSessions) });
    for (const [name, cookie] of whole.cookies) browser.cookies.set(name, cookie);
    await expectPage(await browser.post("/auth/logout"));
  });

  test("when the command line asks to log in as them", async () => {
    const site = await logins();
    const { browser } = browserOf(site, { browserSessions: down(site.store.browserSessions) });
    browser.cookies.set("testflinger-session", new Bun.Cookie("testflinger-session", "x".repeat(43)));
    const request = new URLSearchParams({
      redirect_uri: "http://127.0.0.1:49152/callback",
      state: "s".repeat(43),
      code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
      code_challenge_method: "S256",
    });
    await expectPage(await browser.get(`/auth/authorize?${request}`));
  });

  test("and nobody has failed: the limit of failed logins is not touched, but the audit log knows", async () => {
    const site = await logins();
    const { browser, broken } = browserOf(site, { clients: down(site.store.clients) });
    for (let count = 0; count < 7; count++) {
      const callback = site.idp.authorize((await browser.get("/auth/login")).headers.get("location")!, ALICE);
      expect((await browser.get(callback.pathname + callback.search)).status).toBe(503);
    }
    expect(new Set(broken.events())).toEqual(new Set(["authn_login_fail:unknown"]));
    expect(broken.lines.join()).toContain("OIDC authentication failed: the database could not be reached");
  });
});
