import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TestClock } from "../../support/clock.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

/** ASVS 5.0 controls 16.3.1 to 16.3.3; config section 6. */
describe("the audit log is told of", () => {
  let app: TestApp;
  const clock = new TestClock();
  beforeEach(async () => {
    app = await testApp({
      now: clock.now,
      env: { TESTFLINGER_SECRETS_MASTER_KEY: Buffer.alloc(96, 7).toString("base64") },
    });
  });
  afterEach(() => app.close());

  const send = (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
    const init = { method, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
    return app.fetch(new Request(`http://localhost${path}`, init), {
      requestIP: () => ({ address: "192.0.2.1", family: "IPv4", port: 1 }),
    });
  };
  const bearer = async () => ({ authorization: `Bearer ${await app.token("ann", { role: "contributor" })}` });
  const events = () => app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test("secrets that are stored and deleted, not of their values", async () => {
    await send("PUT", "/v1/secrets/ann/a/b", await bearer(), { value: "the-value" });
    await send("DELETE", "/v1/secrets/ann/a/b", await bearer());
    expect(events()).toEqual(["sensitive_create:ann,/v1/secrets/ann/a/b", "sensitive_delete:ann,/v1/secrets/ann/a/b"]);
    expect(app.lines.join()).not.toContain("the-value");
  });

  test("no secret that was refused", async () => {
    await send("PUT", "/v1/secrets/somebody/a", await bearer(), { value: "the-value" });
    expect(events()).toEqual(["authz_fail:ann,/v1/secrets/somebody/a"]);
  });

  test("requests that a schema refuses, by the names of fields", async () => {
    await send("POST", "/v1/job", {}, { job_queue: 5, [`<script>${"x".repeat(100)}`]: "the-value" });
    expect(events()).toEqual(["input_validation_fail:/v1/job,unauthenticated"]);
    expect(app.lines.join()).toContain("job_queue");
    expect(app.lines.join()).not.toContain("the-value");
    expect(app.lines.join()).not.toContain("x".repeat(60));
  });

  test("bearer tokens that were forged, not of those that have run out", async () => {
    const { authorization } = await bearer();
    await send("GET", "/v1/job/search", { authorization: `${authorization.slice(0, -4)}AAAA` });
    expect(events()).toEqual(["authz_fail:unauthenticated,/v1/job/search"]);
    clock.advance(606);
    await send("GET", "/v1/job/search", { authorization });
    expect(events()).toHaveLength(1);
  });

  test("an address that looks for what is not there, once in five minutes", async () => {
    for (let count = 0; count < 99; count++) await send("GET", `/wp-admin/${count}`);
    expect(events()).toEqual([]);
    for (let count = 0; count < 150; count++) await send("GET", "/.env");
    expect(events()).toEqual(["malicious_excess_404:192.0.2.1"]);
    clock.advance(300);
    for (let count = 0; count < 100; count++) await send("GET", "/.git/config");
    expect(events()).toHaveLength(2);
  });
});
