import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { Chromium } from "../../support/chromium.ts";
import { BROWSER_TIMEOUT, type Site, site } from "./site.ts";

setDefaultTimeout(BROWSER_TIMEOUT);

let browser: Chromium, place: Site;
beforeAll(async () => void (browser = await Chromium.launch()));
beforeEach(async () => void (place = await site(browser)));
afterEach(() => place[Symbol.asyncDispose]());
afterAll(() => browser.close());

const report = (name: string, given: object = {}) => place.lab.store.agents.report(name, given, [], new Date());
const attempts = async (name: string, ...exitCodes: number[]) => {
  await report(name);
  for (const exitCode of exitCodes)
    await place.lab.store.agents.recordProvision(name, { jobId: "job", exitCode, timestamp: new Date() });
};

/** Texts of a column, of the rows that are shown. */
const column = (page: Page, label: string) =>
  page.locator(`tr:not([hidden]) > td[data-label="${label}"]`).allTextContents();

describe("the agents table", () => {
  const names = (page: Page) => column(page, "Name");

  test("is sorted by outcome with failing agents first, and the URL remembers it", async () => {
    await attempts("fails-1", 1);
    await attempts("fails-2", 1, 1);
    await attempts("passes-1", 0);
    await attempts("passes-3", 0, 0, 0);
    await report("unknown");
    const { page, errors } = await place.open("/agents");
    const original = await names(page);
    const header = page.getByRole("button", { name: "Outcome" });
    await header.click();
    expect(await names(page)).toEqual(["fails-2", "fails-1", "passes-3", "passes-1", "unknown"]);
    expect(new URL(page.url()).search).toBe("?tableId=agentsTable&headerId=agentsOutcomeHeader&sortOrder=descending");
    expect(await page.locator("#agentsOutcomeHeader").getAttribute("aria-sort")).toBe("descending");
    await header.click();
    expect(await names(page)).toEqual(["fails-1", "fails-2", "passes-1", "passes-3", "unknown"]);
    await page.reload();
    expect(await names(page)).toEqual(["fails-1", "fails-2", "passes-1", "passes-3", "unknown"]);
    await header.click();
    expect(await names(page)).toEqual(original);
    await page.goto(`${place.url}/agents?tableId=agentsTable&headerId=agentsNameHeader&sortOrder=bogus`);
    expect(await names(page)).toEqual(original);
    expect(errors).toEqual([]);
  });

  test("is narrowed as one types, and the URL remembers it", async () => {
    await report("alpha", { location: "London" });
    await report("beta", { location: "Taipei" });
    const { page } = await place.open("/agents");
    const box = page.getByRole("searchbox");
    await box.fill("LON");
    expect(await names(page)).toEqual(["alpha"]);
    await page.waitForURL("**/agents?search=LON");
    await page.reload();
    expect(await names(page)).toEqual(["alpha"]);
    await box.fill("");
    await page.waitForURL("**/agents");
    await page.locator("td >> text=beta").waitFor();
    expect(await names(page)).toEqual(["alpha", "beta"]);
  });

  test("changes by itself and keeps the order, the focus and the search", async () => {
    await report("a", { state: "waiting", location: "x" });
    await report("b", { state: "waiting", location: "x" });
    await report("hidden", { state: "waiting", location: "y" });
    const { page, errors } = await place.open("/agents?search=x");
    const header = page.getByRole("button", { name: "Name" });
    await header.click();
    await header.click();
    await header.click();
    await header.click();
    expect(await names(page)).toEqual(["b", "a"]);
    const link = page.getByRole("link", { name: "b", exact: true });
    await link.focus();
    const authorization = `Bearer ${await place.lab.token("manager", { role: "manager" })}`;
    await fetch(`${place.url}/v1/agents/data/a`, {
      method: "POST",
      body: JSON.stringify({ state: "provision" }),
      headers: { "content-type": "application/json", authorization },
    });
    await page.locator("#agent-a .state >> text=provision").waitFor();
    expect(await names(page)).toEqual(["b", "a"]);
    expect(await link.evaluate((element) => element === document.activeElement)).toBe(true);
    expect(errors).toEqual([]);
  });
});

test("numbers are sorted as numbers", async () => {
  const { jobs } = place.lab.store;
  await place.lab.store.queues.advertise({ nine: "", ten: "", two: "" }, new Date());
  for (const [queue, count] of [
    ["nine", 9],
    ["ten", 10],
    ["two", 2],
  ] as const)
    for (let index = 0; index < count; index++) await place.lab.job({ definition: { job_queue: queue } });
  expect((await jobs.depths()).get("ten")?.waiting).toBe(10);
  const { page } = await place.open("/queues");
  const header = page.getByRole("button", { name: "Number of jobs" });
  await header.focus();
  await page.keyboard.press("Enter");
  expect(await column(page, "Name")).toEqual(["two", "nine", "ten"]);
  await page.keyboard.press("Enter");
  expect(await column(page, "Name")).toEqual(["ten", "nine", "two"]);
  await page.keyboard.press("Enter");
  expect(await column(page, "Name")).toEqual(["nine", "ten", "two"]);
});

test("the list of jobs shows new jobs and states by itself, over one stream", async () => {
  const first = await place.lab.job();
  const { page, errors } = await browser.tab();
  const streams: string[] = [];
  page.on("request", (request) => {
    if (request.resourceType() === "eventsource") streams.push(new URL(request.url()).pathname);
  });
  await page.goto(`${place.url}/jobs`);
  await page.locator(`#job-${first} .state >> text=waiting`).waitFor();
  const answer = await fetch(`${place.url}/v1/job`, {
    method: "POST",
    body: JSON.stringify({ job_queue: "q" }),
    headers: { "content-type": "application/json" },
  });
  const { job_id: second } = (await answer.json()) as { job_id: string };
  await page.locator(`#job-${second}`).waitFor();
  await place.agent(`/v1/result/${first}`, { job_state: "provision" });
  await page.locator(`#job-${first} .state >> text=provision`).waitFor();
  expect(streams).toEqual(["/events"]);
  expect(errors).toEqual([]);
});

test("the filters of the jobs are in the URL", async () => {
  const wanted = await place.lab.job({ submitter: "ada@example.com", definition: { tags: ["nightly"] } });
  await place.lab.job();
  const { page } = await place.open("/jobs");
  await page.getByText("More filters").click();
  await page.getByLabel("Tag").fill("nightly");
  await page.getByLabel("State").selectOption("waiting");
  await page.getByRole("button", { name: "Search" }).click();
  await page.waitForURL("**/jobs?**tag=nightly**");
  expect(new URL(page.url()).searchParams.get("state")).toBe("waiting");
  expect(await page.locator("tr.searchable-row").evaluateAll((rows) => rows.map(({ id }) => id))).toEqual([
    `job-${wanted}`,
  ]);
  await page.goBack();
  expect(await page.locator("tr.searchable-row").count()).toBe(2);
});

test("names that look like markup do nothing", async () => {
  const attack = "<img src=x onerror=alert(1)><script>alert(2)<script>";
  await place.lab.job({ definition: { name: attack, job_queue: attack, tags: [attack] } });
  await report("a", { state: attack, comment: attack, location: attack, queues: [attack] });
  const { page, errors } = await browser.tab();
  for (const path of ["/", "/agents", "/agents/a", "/jobs", "/queues", `/queues/${encodeURIComponent(attack)}`]) {
    await page.goto(place.url + path);
    expect(await page.locator("main").textContent()).toContain(attack);
    expect(await page.locator("img[src=x], script:not([src])").count()).toBe(0);
  }
  expect(errors).toEqual([]);
});
