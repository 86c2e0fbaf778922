import { afterAll, beforeAll, expect, test } from "bun:test";
import { REFERENCE_ENDPOINTS } from "../../../src/server/metrics/endpoints.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await testApp({ oidc: true });
});
afterAll(() => app.close());

test("every route of the reference is counted under the name that dashboards made for it know", () => {
  const declared = new Set(app.routes.map(({ method, path }) => `${method} ${path}`));
  expect(Object.keys(REFERENCE_ENDPOINTS).filter((route) => !declared.has(route))).toEqual([]);
});

test("no route is counted under the name of another", () => {
  const names = app.routes.map(({ method, path, id }) => REFERENCE_ENDPOINTS[`${method} ${path}`] ?? id);
  expect(names).toEqual([...new Set(names)]);
});
