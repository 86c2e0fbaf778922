import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { TestClock } from "../../support/clock.ts";
import { type Lab, lab } from "./lab.ts";

const FILES = [
  ["/static/assets/css/testflinger.css", "text/css; charset=utf-8"],
  ["/static/assets/js/testflinger.js", "text/javascript; charset=utf-8"],
  ["/static/assets/img/testflinger.svg", "image/svg+xml"],
] as const;

let app: Lab;
beforeAll(async () => void (app = await lab({ now: new TestClock().now })));
afterAll(() => app.close());

describe.each(FILES)("%s", (path, type) => {
  test("is served, to be asked for again each time", async () => {
    const answer = await app.get(path);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(type);
    expect(answer.headers.get("cache-control")).toBe("no-cache");
    expect(answer.headers.get("last-modified")).toBe("Mon, 23 Nov 2026 18:00:00 GMT");
    expect((await answer.text()).length).toBeGreaterThan(100);
  });

  test("is not sent again to browsers that have it", async () => {
    const etag = (await app.get(path)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[^"]+"$/);
    const date = "Mon, 23 Nov 2026 18:00:00 GMT";
    for (const [headers, status] of [
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": `"other", W/${etag}` }, 304],
      [{ "if-none-match": "*" }, 304],
      [{ "if-none-match": '"other"' }, 200],
      [{ "if-none-match": '"other"', "if-modified-since": date }, 200],
      [{ "if-modified-since": date }, 304],
      [{ "if-modified-since": "Mon, 23 Nov 2026 17:59:59 GMT" }, 200],
      [{ "if-modified-since": "yesterday" }, 200],
    ] as const) {
      const answer = await app.get(path, headers);
      expect([headers, answer.status]).toEqual([headers, status]);
      if (status === 304) expect(await answer.text()).toBe("");
    }
  });

  test("loads nothing from elsewhere", async () => {
    const text = await app.page(path);
    expect(text.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:\/\/|@import|url\(/);
  });
});

test.each([
  "/static",
  "/static/",
  "/static/assets",
  "/static/assets/css/",
  "/static/assets/css/none.css",
  "/static/../package.json",
  "/static/%2e%2e/package.json",
  "/static/assets/js/testflinger.js/",
  "/static/__proto__",
  "/favicon.ico",
])("there is no %s", async (path) => {
  const answer = await app.get(path);
  expect(answer.status).toBe(404);
  expect(await answer.text()).toStartWith("Not found: 404 Not Found");
});

test("pages load nothing but these files", async () => {
  const page = await app.page("/");
  const loaded = [...page.matchAll(/<(?:script|img|link)[^>]*(?:src|href)="([^"]+)"/g)].map(([, path]) => path);
  expect(new Set(loaded)).toEqual(new Set(FILES.map(([path]) => path)));
});
