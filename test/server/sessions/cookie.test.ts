import { describe, expect, test } from "bun:test";
import { Cookie } from "../../../src/server/sessions/cookie.ts";
import { Browser } from "../../support/idp/browser.ts";
import { ALICE, useLogins } from "../../support/idp/logins.ts";

const [HTTP, HTTPS] = [{ protocol: "http" }, { protocol: "https" }] as const;
const cookie = new Cookie({ name: "testflinger-session", maxAge: 60 });
const read = (header: string, context: typeof HTTP | typeof HTTPS = HTTP) =>
  cookie.read(new Request("http://localhost/", { headers: { cookie: header } }), context);

/** RFC 6265bis, ASVS 5.0 section 3.3. */
describe("a cookie of the server", () => {
  test("over https is bound to this host, to https, and to requests that this site's pages make", () => {
    const set = cookie.set("value", HTTPS);
    expect(set).toStartWith("__Host-testflinger-session=value;");
    for (const attribute of ["Path=/", "Secure", "HttpOnly", "SameSite=Lax", "Max-Age=60"])
      expect(set).toContain(attribute);
    expect(set).not.toContain("Domain");
  });

  test("over http has neither the prefix nor the attribute that browsers would refuse", () => {
    const set = cookie.set("value", HTTP);
    expect(set).toStartWith("testflinger-session=value;");
    expect(set).not.toContain("Secure");
    for (const attribute of ["Path=/", "HttpOnly", "SameSite=Lax"]) expect(set).toContain(attribute);
  });

  test("is taken away under the same name and path", () => {
    expect(cookie.clear(HTTPS)).toMatch(/^__Host-testflinger-session=;.*Max-Age=0/);
  });

  test.each<[string, typeof HTTP | typeof HTTPS, string | undefined]>([
    ["testflinger-session=a", HTTP, "a"],
    ["x=1; testflinger-session=a; y=2", HTTP, "a"],
    ["__Host-testflinger-session=a", HTTPS, "a"],
    ["testflinger-session=a", HTTPS, undefined],
    ["__Host-testflinger-session=a", HTTP, undefined],
    ["__host-testflinger-session=a", HTTPS, undefined],
    ["testflinger-session=", HTTP, undefined],
    ["testflinger-session", HTTP, undefined],
    ["xtestflinger-session=a", HTTP, undefined],
    ["testflinger-sessionx=a", HTTP, undefined],
    [`testflinger-session=${"a".repeat(3501)}`, HTTP, undefined],
    [";;;=;", HTTP, undefined],
  ])("%.60s is read as it is meant", (header, context, value) => expect(read(header, context)).toBe(value));
});

/** ASVS 5.0 controls 7.2.1 and 7.2.3: the server alone knows which values are sessions. */
describe("cookies that somebody has made up", () => {
  const logins = useLogins();
  const forged = ["x", "a".repeat(43), "%00", "%ff%fe", "__proto__", "' OR 1=1 --", "{}", "\u00e9", "a".repeat(3500)];

  test.each(forged)("sign nobody in and break nothing: %.20j", async (value) => {
    const site = await logins();
    const browser = new Browser(site.server.serve);
    const header = `testflinger-session=${value}; testflinger-login=${value}`;
    const request = new Request("http://localhost/jobs", { headers: { cookie: header } });
    expect(await site.server.sessions.clientOf(request)).toBeNull();
    const begun = await browser.get("/auth/login", { cookie: header });
    expect(begun.status).toBe(302);
    expect((await browser.get("/auth/callback?code=x&state=y", { cookie: header })).status).toBeOneOf([302, 400]);
    expect((await browser.post("/auth/logout", { cookie: header, origin: "http://localhost" })).status).toBe(303);
  });

  test("that are sealed for another purpose open nothing", async () => {
    const site = await logins();
    const browser = new Browser(site.server.serve);
    const begun = await browser.get("/auth/login");
    const callback = site.idp.authorize(begun.headers.get("location")!, ALICE);
    await browser.get(callback.pathname + callback.search);
    const [session] = await site.store.browserSessions.ofClient(ALICE.email, site.clock.now());
    const planted = new Browser(site.server.serve);
    planted.cookies.set("testflinger-login", new Bun.Cookie("testflinger-login", session!.sealedIdToken!));
    expect((await planted.get("/auth/callback?code=x&state=y")).status).toBe(400);
    planted.cookies.set("testflinger-session", new Bun.Cookie("testflinger-session", session!.hash));
    expect(await site.server.sessions.clientOf(planted.request("/"))).toBeNull();
  });
});
