import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { Page } from "playwright-core";
import { Chromium } from "../../support/chromium.ts";
import { BROWSER_TIMEOUT, fragment, type Site, site } from "./site.ts";

setDefaultTimeout(BROWSER_TIMEOUT);

let browser: Chromium, place: Site;
beforeAll(async () => void (browser = await Chromium.launch()));
beforeEach(async () => void (place = await site(browser)));
afterEach(() => place[Symbol.asyncDispose]());
afterAll(() => browser.close());

/** A job that an agent works on. */
async function running(): Promise<string> {
  const id = await place.lab.job({ definition: { name: "a job", test_data: { test_cmds: "true\n" } } });
  await place.lab.store.jobs.pop({ agent: "a", queues: ["q"], now: new Date() });
  return id;
}

const post = (id: string, number: number, data: string, log = "output") =>
  place.agent(`/v1/result/${id}/log/${log}`, fragment(number, data));
const output = (page: Page) => page.locator("#output [data-lines]");
const atEnd = (page: Page) =>
  output(page).evaluate((lines) => lines.scrollHeight - lines.scrollTop - lines.clientHeight < 5);
const many = (count: number, first = 1) =>
  Array.from({ length: count }, (_, index) => `line ${first + index}\n`).join("");

describe("the page of a running job", () => {
  test("fills with output and serial log, states and results, over one stream that ends with the job", async () => {
    const id = await running();
    const { page, errors } = await browser.tab();
    const streams: string[] = [];
    page.on("request", (request) => {
      if (request.resourceType() === "eventsource") streams.push(request.url());
    });
    await page.goto(`${place.url}/jobs/${id}`);
    expect(await output(page).textContent()).toBe("");
    await post(id, 0, "\u001b[32mgreen\u001b[0m and ");
    await page.locator("#output-1 .fg-green >> text=green").waitFor();
    await post(id, 1, "plain\nsecond <b>line</b>\n");
    await page.locator("#output-2 >> text=second <b>line</b>").waitFor();
    expect(await page.locator("#output-1 .text").textContent()).toBe("green and plain");
    expect(await page.locator("#output .line").count()).toBe(2);

    await page.getByRole("tab", { name: "Serial console" }).click();
    await post(id, 0, "login: ", "serial");
    await page.locator("#serial-1 >> text=login:").waitFor();

    await place.agent(`/v1/result/${id}`, { job_state: "test", status: { setup: 0 } });
    await page.locator("#facts .state >> text=test").waitFor();
    await place.agent(`/v1/result/${id}`, { job_state: "complete", status: { setup: 0, test: 3 } });
    await page.locator("#facts .state >> text=complete").waitFor();
    await page.getByRole("tab", { name: "Test failed" }).click();
    expect(await page.locator("#phase-test").textContent()).toContain("Exit Status: 3");
    expect(await page.locator("#announcement").textContent()).toBe("State: complete");
    await page.locator("[data-follow]").first().waitFor({ state: "detached" });
    expect(streams).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  test("follows the end unless one reads further up", async () => {
    const id = await running();
    await post(id, 0, many(300));
    const { page } = await place.open(`/jobs/${id}`);
    expect(await atEnd(page)).toBe(true);
    const follow = page.locator("#output").getByLabel("Follow");
    await post(id, 1, many(50, 301));
    await page.locator("#output-350").waitFor();
    expect(await atEnd(page)).toBe(true);

    await output(page).evaluate((lines) => lines.scrollTo(0, 1000));
    await page.waitForFunction(() => !document.querySelector<HTMLInputElement>("#output [data-follow]")?.checked);
    await post(id, 2, many(50, 351));
    await page.locator("#output-400").waitFor();
    expect(await atEnd(page)).toBe(false);

    await follow.check();
    await page.waitForFunction(() => {
      const lines = document.querySelector("#output [data-lines]")!;
      return lines.scrollHeight - lines.scrollTop - lines.clientHeight < 5;
    });
    expect(await follow.isChecked()).toBe(true);
  });

  test("catches up after a time without a stream", async () => {
    const id = await running();
    await post(id, 0, "before\n");
    const { page } = await place.open(`/jobs/${id}`);
    const hide = (hidden: boolean) =>
      page.evaluate((value) => {
        Object.defineProperty(document, "hidden", { value, configurable: true });
        document.dispatchEvent(new Event("visibilitychange"));
      }, hidden);
    await post(id, 1, "seen\n");
    await page.locator("#output-2").waitFor();
    await hide(true);
    await post(id, 2, "missed\n");
    await place.agent(`/v1/result/${id}`, { job_state: "test" });
    await hide(false);
    await page.locator("#output-3 >> text=missed").waitFor();
    await page.locator("#facts .state >> text=test").waitFor();
    expect(await page.locator("#output .line").count()).toBe(3);
  });

  test("is cancelled after a question", async () => {
    const id = await running();
    const { page, errors } = await place.open(`/jobs/${id}`);
    await page.getByRole("link", { name: "Cancel job" }).click();
    await page.getByRole("link", { name: "Keep it" }).click();
    await page.getByRole("link", { name: "Cancel job" }).click();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.waitForURL(`**/jobs/${id}`);
    expect(await page.locator("#facts .state").textContent()).toBe("cancelled");
    expect(await page.getByRole("link", { name: "Cancel job" }).count()).toBe(0);
    expect(errors).toEqual([]);
  });
});

describe("a long log", () => {
  let id: string;
  beforeEach(async () => {
    id = await running();
    for (let number = 0; number < 20; number++) await post(id, number, many(200, number * 200 + 1));
    await place.agent(`/v1/result/${id}`, { job_state: "complete" });
  });

  test("opens at its end and gives earlier lines on demand, where one reads", async () => {
    const { page, errors } = await place.open(`/jobs/${id}`);
    expect(await page.locator("#output .line").count()).toBe(500);
    await page.locator("#output-4000").waitFor();
    await page.getByRole("link", { name: "Earlier lines" }).first().click();
    await page.locator("#output-3001").waitFor({ state: "attached" });
    expect(await page.locator("#output .line").first().getAttribute("data-line")).toBe("3001");
    // Scrolling up does the same.
    await output(page).evaluate((lines) => lines.scrollTo(0, 0));
    await page.locator("#output-2501").waitFor({ state: "attached" });
    const numbers = await page
      .locator("#output .line")
      .evaluateAll((rows) => rows.map((row) => Number((row as HTMLElement).dataset.line)));
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => 4000 - numbers.length + 1 + index));
    expect(errors).toEqual([]);
  });

  test("has links to lines, which open there and mark the line", async () => {
    const { page } = await place.open(`/jobs/${id}`);
    await page.locator("#output-3900 a").click();
    expect(page.url()).toBe(`${place.url}/jobs/${id}?output=3900#output-3900`);
    expect(await page.locator(".line.marked").getAttribute("id")).toBe("output-3900");
    await page.goto(`${place.url}/jobs/${id}?output=1234#output-1234`);
    const line = page.locator("#output-1234");
    expect(await line.textContent()).toBe("1234line 1234");
    await page.waitForFunction(() => {
      const { top, bottom } = document.getElementById("output-1234")!.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight;
    });
    await page.getByRole("link", { name: "Later lines" }).first().click();
    await page.locator("#output-2000").waitFor({ state: "attached" });
  });

  test("can be read without script, part by part", async () => {
    const { page } = await place.open(`/jobs/${id}`, { javaScriptEnabled: false });
    await page.getByRole("link", { name: "Earlier lines" }).first().click();
    expect(await page.locator("#output-3400").count()).toBe(1);
    await page
      .getByRole("link", { name: "setup" })
      .or(page.getByRole("link", { name: "test", exact: true }))
      .first()
      .click();
    expect(await page.locator("#output-1").isVisible()).toBe(true);
    await page.getByRole("link", { name: "Later lines" }).first().click();
    expect(await page.locator("#output-501").isVisible()).toBe(true);
  });

  test("is downloaded as a file", async () => {
    const { page } = await place.open(`/jobs/${id}`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: "Raw" }).first().click(),
    ]);
    expect(download.suggestedFilename()).toBe(`${id}-output.log`);
    expect(await Bun.file(await download.path()).text()).toBe(many(4000));
  });
});

test("tabs are reached by keys", async () => {
  const { page } = await place.open(`/jobs/${await running()}`);
  const [yaml, script] = [page.getByRole("tab", { name: "Job YAML" }), page.getByRole("tab", { name: "Test Script" })];
  await yaml.focus();
  await page.keyboard.press("ArrowRight");
  expect(await script.getAttribute("aria-selected")).toBe("true");
  expect(await page.locator("#test-data").isVisible()).toBe(true);
  expect(await page.locator("#job-yaml").isVisible()).toBe(false);
  await page.keyboard.press("ArrowRight");
  expect(await yaml.getAttribute("aria-selected")).toBe("true");
  await page.keyboard.press("ArrowLeft");
  expect(await script.evaluate((tab) => tab === document.activeElement)).toBe(true);
});

test("the definition is copied, and the button says so", async () => {
  const { page } = await place.open(`/jobs/${await running()}`, { permissions: ["clipboard-read", "clipboard-write"] });
  const button = page.locator("[data-copy-target]");
  await button.click();
  await page.getByRole("button", { name: "Copied!" }).waitFor();
  expect(await button.isDisabled()).toBe(true);
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe((await page.locator("#job-yaml-content").textContent()) ?? "");
  expect(copied).toStartWith("name: a job\njob_queue: q\ntest_data:\n  test_cmds: |\n    true\n");
  await page.getByRole("button", { name: "Copy job YAML" }).waitFor();
});

test("the definition is copied on plain http too, where browsers have no clipboard", async () => {
  const { page } = await browser.tab();
  await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  await page.goto(`${place.url}/jobs/${await running()}`);
  await page.locator("[data-copy-target]").click();
  await page.getByRole("button", { name: "Copied!" }).waitFor();
});

test("what a device prints does nothing in the browser", async () => {
  const id = await running();
  const { page, errors } = await place.open(`/jobs/${id}`);
  const attacks = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(2)</script>",
    '"><svg onload=alert(3)>',
    "\u001b]8;;javascript:alert(4)\u001b\\x",
  ];
  for (const [number, attack] of attacks.entries()) await post(id, number, `${attack}\n`);
  await page.locator("#output-4").waitFor();
  await page.reload();
  await page.locator("#output-4").waitFor();
  expect(await page.locator("main :is(img, script, svg[onload], a[href^='javascript:'])").count()).toBe(0);
  expect(await page.locator("#output-1 .text").textContent()).toBe(attacks[0] as string);
  expect(errors).toEqual([]);
});
