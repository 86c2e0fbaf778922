import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { freePort } from "../../../scripts/demo/port.ts";
import { seriousFindings } from "../../support/accessibility.ts";
import { serverBinary } from "../../support/binaries.ts";
import { Chromium, type Tab } from "../../support/chromium.ts";
import { type Client, clientHome } from "../support/client.ts";
import { type Deployment, deploy, oidcVariables } from "../support/deployment.ts";
import { identityProvider, type TestProvider } from "../support/identity-provider.ts";
import { startLab } from "../support/lab.ts";
import { BROWSER_TIMEOUT } from "./site.ts";

setDefaultTimeout(BROWSER_TIMEOUT);

const SECRET = "a secret of the CI system";

let stack: AsyncDisposableStack;
let provider: TestProvider, deployment: Deployment, home: Client, browser: Chromium;

/** The compiled server with logins, an agent, the compiled client, and a browser. */
beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const port = await freePort(0);
  provider = stack.use(await identityProvider(`http://127.0.0.1:${port}/auth/callback`));
  deployment = stack.use(await deploy({ ...oidcVariables(provider.issuer, provider.clientId), PORT: String(port) }));
  await deployment.createClient("ci", SECRET);
  stack.use(await startLab(deployment, "bench"));
  home = stack.use(
    await clientHome(
      {
        TESTFLINGER_SERVER: deployment.server.url,
        TESTFLINGER_CLIENT_ID: "ci",
        TESTFLINGER_SECRET_KEY: SECRET,
      },
      deployment.server.watch,
    ),
  );
  browser = await Chromium.launch();
  stack.defer(() => browser.close());
});
afterAll(() => stack.disposeAsync());

/** Signs in from a page that only people who are signed in see, and comes back to it. */
async function signIn(path: string, name: string): Promise<Tab> {
  const tab = await browser.tab();
  const { page, errors } = tab;
  await page.goto(deployment.server.url + path);
  expect(await page.locator("h1").textContent()).toBe("401 Unauthorized");
  expect(await seriousFindings(page)).toEqual([]);
  await page.locator("main").getByRole("link", { name: "Sign In" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(provider.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL(deployment.server.url + path);
  // The refusal at the start, and the icon that the provider does not have.
  for (const error of errors.splice(0)) expect(error).toMatch(/Failed to load resource: .* 40[14] /);
  return tab;
}

/** Submits from the command line a job that waits for `release` between two words. */
async function submitJob(): Promise<{ id: string; release: () => Promise<void> }> {
  const pipe = join(home.folder, `pipe-${crypto.randomUUID()}`);
  expect(Bun.spawnSync(["mkfifo", pipe]).exitCode).toBe(0);
  const script = ["printf '\\033[32malpha\\033[0m\\n'", `read go < '${pipe}'`, "echo omega", "exit 7"];
  const commands = script.map((command) => `    ${command}\n`).join("");
  await Bun.write(
    join(home.folder, "job.yaml"),
    `job_queue: bench\nname: a story\ntest_data:\n  test_cmds: |\n${commands}`,
  );
  const { stdout } = await home.run("submit", "--quiet", "job.yaml");
  return { id: stdout.trim(), release: async () => void (await Bun.spawn(["sh", "-c", `echo go > '${pipe}'`]).exited) };
}

const state = (page: Page, text: string) => page.locator("#facts .state", { hasText: text }).waitFor();

test("a person signs in, sees a job come in from the command line, watches it to its end, and signs out", async () => {
  const { page, errors } = await signIn("/jobs?queue=bench", "ada");
  expect(await page.locator(".user-menu summary").textContent()).toBe("Ada");

  const { id, release } = await submitJob();
  await page.locator(`#job-${id}`).getByRole("link", { name: id }).click();
  await page.locator("#output .fg-green", { hasText: "alpha" }).waitFor();
  expect(await page.locator("#output").textContent()).not.toContain("omega");
  await release();
  await page.locator("#output .text", { hasText: "omega" }).waitFor();
  await state(page, "complete");
  await page.getByRole("tab", { name: "Test failed" }).click();
  expect(await page.locator("#phase-test").textContent()).toContain("Exit Status: 7");

  await page.locator(".user-menu summary").click();
  await page.getByRole("link", { name: "My sessions" }).click();
  expect(await page.locator("tbody").textContent()).toContain("this browser");
  expect(await seriousFindings(page)).toEqual([]);
  expect(errors).toEqual([]);
  await page.locator(".user-menu summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${deployment.server.url}/jobs`);
  expect(await page.locator("h1").textContent()).toBe("401 Unauthorized");
});

test("a job that runs is cancelled on its page", async () => {
  const { page, errors } = await signIn("/queues/bench", "grace");
  const { id } = await submitJob();
  await page.locator(`#job-${id}`).getByRole("link", { name: id }).click();
  await page.locator("#output", { hasText: "alpha" }).waitFor();
  await page.getByRole("link", { name: "Cancel job" }).click();
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await state(page, "cancelled");
  expect((await home.run("status", id)).stdout).toBe("cancelled\n");
  expect(errors).toEqual([]);
});

test("an administrator sets permissions and restricts a queue on pages", async () => {
  await signIn("/jobs", "linus");
  const admin = Bun.spawn([serverBinary(), "admin", "set-permissions", "linus@example.com", "--role", "admin"], {
    env: deployment.env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
  expect(await admin.exited).toBe(0);
  const { page, errors } = await signIn("/admin", "linus");
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByRole("link", { name: "ci", exact: true }).click();
  expect(await seriousFindings(page)).toEqual([]);
  await page.getByLabel("Priority up to").fill("bench = 100");
  await page.getByRole("button", { name: "Save" }).click();
  await page.goto(`${deployment.server.url}/admin`);
  expect(await page.locator("#client-ci").textContent()).toContain("bench = 100");
  await page.getByLabel("Queue", { exact: true }).fill("bench");
  await page.getByRole("textbox", { name: /^Client/ }).fill("ci");
  await page.getByRole("button", { name: "Add" }).click();
  await page.getByRole("button", { name: "Remove ci from bench" }).click();
  await page.getByText("No queue is restricted.").waitFor();
  expect(errors).toEqual([]);
});
