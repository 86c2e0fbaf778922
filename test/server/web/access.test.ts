import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Lab, lab } from "./lab.ts";

/** Pages of web section 1, and what they load by themselves. */
const PAGES = [
  "/agents",
  "/agents/some-agent",
  "/agents/unknown",
  "/jobs",
  "/jobs/JOB",
  "/jobs/unknown",
  "/jobs/JOB/cancel",
  "/jobs/JOB/artifact",
  "/jobs/JOB/log/output",
  "/jobs/JOB/log/output/lines",
  "/jobs/JOB/events",
  "/queues",
  "/queues/q",
  "/queues/unknown",
  "/events?topic=jobs",
];
const OPEN = ["/static/assets/css/testflinger.css", "/static/assets/js/testflinger.js", "/docs", "/openapi.json"];
const LAB_WORDS = /Agents|Jobs|Queues/;

describe.each([false, true])("with OIDC on: %p", (oidc) => {
  let app: Lab;
  let job: string;
  beforeAll(async () => {
    app = await lab({ oidc });
    job = await app.job();
    await app.store.agents.report("some-agent", { queues: ["q"] }, [], new Date());
  });
  afterAll(() => app.close());

  test("the homepage is open", async () => {
    const answer = await app.get("/");
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("Welcome to Testflinger");
    expect(page).toContain("Contact Us");
    expect(page.includes("Sign In")).toBe(oidc);
    // Who has not signed in does not even learn what there is.
    expect(LAB_WORDS.test(page)).toBe(!oidc);
  });

  test.each(OPEN)("%s is open", async (path) => {
    expect((await app.get(path)).status).toBe(200);
  });

  test.each(PAGES)("%s", async (path) => {
    const leave = new AbortController();
    const answer = await app.fetch(
      new Request(`http://localhost${path.replace("JOB", job)}`, { signal: leave.signal }),
    );
    if (oidc) {
      expect(answer.status).toBe(401);
      const page = await answer.text();
      expect(page).toContain("<title>Unauthorized | Testflinger</title>");
      expect(page).toContain("<h1>401 Unauthorized</h1>");
      expect(page).toContain("You need to sign in to access this page.");
      expect(page).not.toMatch(LAB_WORDS);
      expect(page).toContain('href="/auth/login?next=%2F');
    } else {
      const missing = path.endsWith("unknown") && !path.startsWith("/queues");
      expect(answer.status).toBe(missing || path.endsWith("artifact") ? 404 : 200);
      leave.abort();
      await answer.body?.cancel();
    }
  });

  test("a trailing slash changes nothing", async () => {
    for (const path of ["/agents/", "/jobs/", "/queues/", "/agents/some-agent/"])
      expect([path, (await app.get(path)).status]).toEqual([path, oidc ? 401 : 200]);
  });

  test("a URL that leads nowhere is answered in plain text, whoever asks", async () => {
    const answer = await app.get("/no-such-page");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toStartWith("Not found: 404 Not Found: The requested URL was not found on the server.");
  });

  test("only the methods of a page are answered", async () => {
    for (const path of ["/", "/jobs", "/agents"]) {
      const answer = await app.fetch(new Request(`http://localhost${path}`, { method: "DELETE" }));
      expect([path, answer.status]).toEqual([path, 405]);
    }
  });

  test("pages may run nothing that is not ours", async () => {
    const answer = await app.get("/");
    const policy = answer.headers.get("content-security-policy") ?? "";
    for (const rule of ["default-src 'none'", "script-src 'self';", "style-src 'self';", "frame-ancestors 'none'"])
      expect(policy).toContain(rule);
    expect(policy).not.toContain("unsafe");
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.text()).not.toMatch(/<script(?![^>]*\ssrc="\/static\/)|\son\w+=|\sstyle=|javascript:/i);
  });
});
