import { afterAll, afterEach, beforeAll, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { run as logIn } from "../../../src/cli/commands/auth/login.ts";
import { openSession } from "../../../src/cli/session.ts";
import { listen, type Listening } from "../../../src/server/listen.ts";
import { World } from "../../cli/support/world.ts";
import { Chromium } from "../../support/chromium.ts";
import { PUBLIC_CLIENT, type RealProvider, startProvider } from "../../support/idp/oidc-provider.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";
import { BROWSER_TIMEOUT } from "./site.ts";

setDefaultTimeout(BROWSER_TIMEOUT);

let provider: RealProvider, browser: Chromium, app: TestApp, server: Listening;
beforeAll(async () => {
  provider = await startProvider();
  browser = await Chromium.launch();
});
afterAll(async () => {
  await browser.close();
  await provider.stop();
});
beforeEach(async () => {
  const env = { OIDC_CLIENT_ID: PUBLIC_CLIENT, OIDC_PROVIDER_ISSUER: provider.issuer };
  app = await testApp({ oidc: true, env });
  server = await listen((request, socket) => app.fetch(request, socket), "127.0.0.1", 0);
});
afterEach(async () => {
  await server.stop(0);
  await app.close();
});

/** Fills in the forms of the certified provider, in a browser, until another place is reached. */
async function passProvider(page: Page, login: string): Promise<void> {
  await page.locator('input[name="login"]').fill(login);
  await page.locator('input[name="password"]').fill("any");
  await page.locator('button[type="submit"]').click();
  // Consent.
  await page.getByRole("button", { name: "Continue" }).click();
}

const post = async (path: string) => (await fetch(server.url + path, { method: "POST" })).json();

test("a person approves a device in the browser", async () => {
  const { request_id, verification_uri_complete, user_code } = await post("/oidc/auth-init");
  const { page } = await browser.tab();
  await page.goto(verification_uri_complete);
  expect(await page.locator("body").textContent()).toContain(user_code);
  await page.getByRole("button", { name: "Continue" }).click();
  await passProvider(page, "alice");
  await page.getByText("Sign-in Success").waitFor();
  expect(await post(`/oidc/auth-poll/${request_id}`)).toMatchObject({ token_type: "Bearer" });
  expect(await app.store.clients.find("alice@example.com")).toMatchObject({ name: "Alice A" });
});

test("a person logs in, comes back to the page first asked for, and signs out here and at the provider", async () => {
  const { page } = await browser.tab();
  await page.goto(`${server.url}/auth/login?next=/queues`);
  await passProvider(page, "alice");
  await page.waitForURL(`${server.url}/queues`);
  expect(await page.locator(".user-menu summary").textContent()).toBe("Alice A");
  const [cookie] = (await page.context().cookies()).filter(({ name }) => name === "testflinger-session");
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  // No script of a page reads it.
  expect(await page.evaluate("document.cookie")).toBe("");

  await page.locator(".user-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(`${provider.issuer}/**`);
  await page.getByRole("button", { name: /yes/i }).click();
  await page.getByText(/sign-out success/i).waitFor();
  await page.goto(`${server.url}/queues`);
  expect(await page.locator("h1").textContent()).toBe("401 Unauthorized");
  await page.goto(`${server.url}/auth/login`);
  await page.locator('input[name="login"]').waitFor();
});

/** ASVS 5.0 control 7.3.1: an open page keeps itself up to date, but not its session. */
test("an open page tells the server that it asks by itself, and says when its session has ended", async () => {
  const { page } = await browser.tab();
  await page.goto(`${server.url}/auth/login?next=/jobs`);
  const follows = page.waitForResponse((response) => response.url().startsWith(`${server.url}/events`));
  await passProvider(page, "alice");
  await follows;
  const submit = async () => {
    const authorization = `Bearer ${await app.token("alice@example.com", { role: "contributor" })}`;
    const headers = { authorization, "content-type": "application/json" };
    await fetch(`${server.url}/v1/job`, { method: "POST", headers, body: JSON.stringify({ job_queue: "q" }) });
  };

  const refreshes = page.waitForRequest((request) => request.url() === `${server.url}/jobs`);
  await submit();
  expect((await refreshes).headers()).toHaveProperty("x-testflinger-background", "1");
  const typed = page.waitForRequest((request) => request.url() === `${server.url}/jobs?search=x`);
  await page.locator(".p-search-box input[type=search]").fill("x");
  expect((await typed).headers()).not.toHaveProperty("x-testflinger-background");

  await typed.then((request) => request.response());
  const [session] = await app.store.browserSessions.ofClient("alice@example.com", new Date());
  await app.store.browserSessions.end(session!.id);
  await submit();
  await page.getByText("Your session has ended").waitFor();
  expect(await page.locator("h1").textContent()).toBe("401 Unauthorized");
});

test("a person whose address is not verified is told why they do not get in", async () => {
  const { page } = await browser.tab();
  await page.goto(`${server.url}/auth/login`);
  await passProvider(page, "bob");
  await page.getByText("is not verified").waitFor();
  expect(await page.locator("h1").textContent()).toBe("You are not signed in");
  expect(await app.store.clients.list()).toEqual([]);
});

test("login --web asks in the browser and logs the command line in", async () => {
  using world = new World({ env: { TESTFLINGER_SERVER: server.url } });
  const { page, errors } = await browser.tab();
  const openBrowser = async (url: string) => {
    await page.goto(url);
    await passProvider(page, "alice");
    await page.getByText("asks to log in as alice@example.com").waitFor();
    await page.getByRole("button", { name: "Allow" }).click();
    await page.getByText("You are logged in on the command line").waitFor();
    return true;
  };
  const options = {
    clientId: undefined,
    secretKey: undefined,
    method: undefined,
    noBrowser: false,
    web: true,
  } as const;
  const programOptions = {
    configfile: undefined,
    debug: false,
    noBrowser: false,
    server: undefined,
    verbose: false,
    version: false,
  };
  const context = { ...world.context, openBrowser };
  await logIn(options, openSession({ context, program: "testflinger", programOptions, options, needsServer: true }));
  expect(world.stdout).toBe("Successfully authenticated as 'alice@example.com'\n");
  // Nothing that a policy of ours forbids: the form leads to the port of the command line.
  expect(errors.filter((error) => error.includes("Content Security Policy"))).toEqual([]);
});
