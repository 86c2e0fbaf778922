import { describe, expect, test } from "bun:test";
import { extname } from "node:path";
import { docsRoutes } from "../../../src/server/docs/routes.ts";
import { ANONYMOUS } from "../../../src/server/http/caller.ts";
import { Entry } from "../../../src/server/http/entry.ts";
import { Problem } from "../../../src/server/http/problem.ts";
import { AGENTS, type Route, route } from "../../../src/server/http/route.ts";
import { router } from "../../../src/server/http/router.ts";
import { jsonLogger } from "../../../src/server/log/logger.ts";
import { assetRoutes } from "../../../src/server/web/assets/routes.ts";

const now = () => new Date(0);
const silent = () => undefined;
const log = jsonLogger(silent, now);
const documented = route(
  {
    method: "GET",
    path: "/v1/thing",
    id: "getThing",
    tag: "Things",
    access: AGENTS,
    summary: "A thing",
    responses: { 200: { description: "It" } },
  },
  () => ({}),
);
// OIDC is on: the documentation stays public.
const gate = {
  async admit({ access }: Pick<Route, "access">) {
    if ("open" in access) return ANONYMOUS;
    throw new Problem(401, "Authentication is required for specified endpoint");
  },
};
const entry: Entry = new Entry((request) => app.fetch(request), {
  log,
  proxyFix: false,
  allowedHosts: [],
  port: 5000,
  newId: () => "id",
});
const routes = [...docsRoutes([documented], { anonymous: false }), ...assetRoutes(now())];
const app = router(routes, { gate, log, contextOf: entry.contextOf });
const get = (path: string) => entry.fetch(new Request(`http://localhost${path}`));

test("The description is served as JSON, the same each time", async () => {
  const answer = await get("/openapi.json");
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json"]);
  const text = await answer.text();
  expect(JSON.parse(text).paths["/v1/thing"].get.operationId).toBe("getThing");
  expect(await (await get("/openapi.json")).text()).toBe(text);
});

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

describe.each(["/docs", "/docs/oauth2-redirect"])("The page %s", (path) => {
  test("runs no script but this server's own", async () => {
    const answer = await get(path);
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    const page = await answer.text();
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|javascript:/i);
    expect(page).not.toContain("//");
  });
  test("loads only files that are there", async () => {
    const page = await (await get(path)).text();
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file = ""]) => file);
    expect(files).not.toBeEmpty();
    for (const file of files) {
      const answer = await get(file);
      expect([file, answer.status]).toEqual([file, 200]);
      expect(answer.headers.get("content-type")).toBe(TYPES[extname(file)]!);
      expect((await answer.text()).length).toBeGreaterThan(50);
    }
  });
});

test.each(["/docs/assets/none.js", "/docs/assets/__proto__", "/docs/assets/..%2fpackage.json"])(
  "There is no %s",
  async (path) => {
    expect((await get(path)).status).toBe(404);
  },
);
