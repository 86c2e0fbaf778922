import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { fill } from "../../server/web/sample-lab.ts";
import { seriousFindings } from "../../support/accessibility.ts";
import { Chromium } from "../../support/chromium.ts";
import { BROWSER_TIMEOUT, type Site, site } from "./site.ts";

setDefaultTimeout(BROWSER_TIMEOUT);

const PHONE = { width: 360, height: 740 };

let browser: Chromium, place: Site, pages: Record<string, string>;
beforeAll(async () => {
  browser = await Chromium.launch();
  place = await site(browser);
  const ids = await fill(place.lab, new Date());
  pages = {
    home: "/",
    agents: "/agents",
    "an agent": "/agents/agent-02",
    jobs: "/jobs?state=active&queue=rpi4-noble",
    "no jobs": "/jobs?search=nothing",
    "a waiting job": `/jobs/${ids.waiting}`,
    "a running job": `/jobs/${ids.running}`,
    "a failed job": `/jobs/${ids.failed}`,
    cancelling: `/jobs/${ids.running}/cancel`,
    queues: "/queues",
    "a queue": "/queues/rpi4-noble",
    "a queue without agents": "/queues/nothing",
  };
});
afterAll(async () => {
  await place[Symbol.asyncDispose]();
  await browser.close();
});

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test("pages can be used by everybody (axe-core), and no script complains", async () => {
    const { page, errors } = await browser.tab({ colorScheme });
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(place.url + path);
      expect({ name, findings: await seriousFindings(page), errors }).toEqual({ name, findings: [], errors: [] });
    }
    await page.context().close();
  });

  test("the ground has the colour of the scheme", async () => {
    const { page } = await place.open("/", { colorScheme });
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect(ground).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(21, 23, 27)");
    await page.context().close();
  });
});

test("nothing is wider than a phone, and all can be used there", async () => {
  const { page } = await browser.tab({ viewport: PHONE });
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(place.url + path);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect({ name, width, findings: await seriousFindings(page) }).toEqual({ name, width: PHONE.width, findings: [] });
  }
  await page.context().close();
});

test("without script everything can be read and every link leads on", async () => {
  const { page } = await browser.tab({ javaScriptEnabled: false });
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(place.url + path);
    const closed = page.locator("[role=tabpanel]:not(.open)");
    for (const panel of await closed.all())
      expect({ name, shown: await panel.isVisible() }).toEqual({ name, shown: true });
    for (const control of await page.locator(".needs-script").all()) expect(await control.isVisible()).toBe(false);
  }
  await page.goto(`${place.url}/queues`);
  await page.getByRole("searchbox").fill("laptop");
  await page.getByRole("button", { name: "Search" }).click();
  expect(await page.locator("tbody tr").count()).toBe(1);
  await page.getByRole("link", { name: "laptop-oem" }).click();
  expect(await page.locator("h1").textContent()).toBe("Queue Detail - laptop-oem");
  await page.context().close();
});

test("the first key leads past the navigation", async () => {
  const { page } = await place.open("/jobs");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Jump to main content");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await page.context().close();
});
