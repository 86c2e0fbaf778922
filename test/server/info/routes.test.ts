import { afterEach, describe, expect, test } from "bun:test";
import manifest from "../../../package.json" with { type: "json" };
import { StoreUnavailable } from "../../../src/server/store/store.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

let app: TestApp;
afterEach(() => app.close());

const get = async (path: string) => {
  const answer = await app.fetch(new Request(`http://localhost${path}`));
  return { status: answer.status, body: await answer.text() };
};

describe("GET /v1/server tells a client what the server wants and can do", () => {
  test.each([
    ["login is off", false, { anonymous: true, oidc: false }],
    ["people log in", true, { anonymous: false, oidc: true }],
  ])("when %s", async (_, oidc, auth) => {
    app = await testApp({ oidc });
    const { status, body } = await get("/v1/server");
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      name: "testflinger",
      version: manifest.version,
      auth,
      features: expect.arrayContaining(["job-state", "job-wait", "log-stream", "device-pkce", "sessions"]),
    });
  });

  test("and every feature that it names is there", async () => {
    app = await testApp();
    const paths = new Set(app.routes.map(({ path }) => path));
    expect(paths).toContain("/v1/job/:job_id/state");
    expect(paths).toContain("/v1/result/:job_id/log/:log_type/stream");
    expect(paths).toContain("/v1/oauth2/sessions");
  });
});

test("GET /v1 is the greeting that the probes of agents and deployments look for, with and without a slash", async () => {
  app = await testApp({ oidc: true });
  for (const path of ["/v1", "/v1/"])
    expect(await get(path)).toEqual({ status: 200, body: `Testflinger Server v${manifest.version}` });
});

test("while the database is away the process is alive and not ready, and says why without an address", async () => {
  app = await testApp();
  expect(await get("/readyz")).toEqual({ status: 200, body: '{"status":"ok","problems":[]}' });
  app.store.ping = async () => {
    throw new StoreUnavailable("10.0.0.7 does not answer");
  };
  expect(await get("/readyz")).toEqual({
    status: 503,
    body: '{"status":"not ready","problems":["The database is not reachable."]}',
  });
  expect(await get("/healthz")).toEqual({ status: 200, body: '{"status":"ok","problems":[]}' });
});
