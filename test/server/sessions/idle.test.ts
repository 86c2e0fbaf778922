import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { BACKGROUND_HEADER } from "../../../src/server/sessions/activity.ts";
import type { Role } from "../../../src/shared/roles.ts";
import { TestClock } from "../../support/clock.ts";
import { WEB_SECRET_KEY } from "../../support/test-app.ts";
import { type Lab, lab } from "../web/lab.ts";

const HOUR = 3600;
const BACKGROUND = { [BACKGROUND_HEADER]: "1" };
const STREAM = { accept: "text/event-stream" };

/** ASVS 5.0 controls 7.3.1 (inactivity) and 7.3.2 (absolute lifetime): a page that nobody looks at any more keeps itself up to date, not its session. */
describe("a browser session", () => {
  let site: Lab, clock: TestClock;
  beforeEach(async () => {
    clock = new TestClock();
    site = await lab({
      oidc: true,
      now: clock.now,
      env: { WEB_SESSION_IDLE_HOURS: "1", WEB_SESSION_MAX_HOURS: "3" },
    });
  });
  afterEach(() => site.close());

  /** As after a login at this time. */
  const signIn = async () => {
    const [now, value] = [clock.now(), crypto.randomUUID()];
    await site.store.clients.recordLogin({ issuer: "i", sub: "ada", email: "ada@example.com", name: "Ada" }, now);
    await site.store.browserSessions.add({
      id: crypto.randomUUID(),
      hash: new Bun.CryptoHasher("sha256", WEB_SECRET_KEY).update(value).digest("hex"),
      clientId: "ada@example.com",
      createdAt: now,
      lastSeenAt: now,
      idleUntil: new Date(now.getTime() + HOUR * 1000),
      expiresAt: new Date(now.getTime() + 3 * HOUR * 1000),
    });
    return { cookie: `testflinger-session=${value}` };
  };
  const status = async (path: string, headers: Record<string, string>) => {
    const answer = await site.get(path, headers);
    await answer.body?.cancel();
    return answer.status;
  };
  const api = async (method: string, path: string, role: Role, body?: unknown) => {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${await site.token("ada@example.com", { role })}`,
    };
    const answer = await site.fetch(
      new Request(`http://localhost${path}`, { method, headers, body: JSON.stringify(body) }),
    );
    expect(answer.status).toBe(200);
    return answer;
  };
  const events = (): string[] => site.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);

  test.each<[string, string, Record<string, string>]>([
    ["the page's own refresh", "/jobs", BACKGROUND],
    ["the stream of a list", "/events?topic=jobs", STREAM],
    ["a page that the browser loads on suspicion", "/jobs", { "sec-purpose": "prefetch;prerender" }],
  ])("is not kept alive by %s", async (_what, path, headers) => {
    const ada = await signIn();
    for (let minute = 10; minute < 60; minute += 10) {
      clock.advance(600);
      expect(await status(path, { ...ada, ...headers })).toBe(200);
    }
    clock.advance(600);
    expect(await status(path, { ...ada, ...headers })).toBe(401);
    expect(await status("/jobs", ada)).toBe(401);
  });

  test("is kept alive by visits and actions, until its time is over", async () => {
    const ada = await signIn();
    clock.advance(50 * 60);
    expect(await status("/jobs", ada)).toBe(200);
    clock.advance(50 * 60);
    expect((await site.post("/sessions/end", { id: "nothing" }, ada)).status).toBe(404);
    clock.advance(50 * 60);
    expect(await status("/jobs", ada)).toBe(200);
    clock.advance(30 * 60);
    expect(await status("/jobs", ada)).toBe(401);
  });

  test("that has ended is told from none: the page says why the person has to sign in again", async () => {
    const ada = await signIn();
    clock.advance(HOUR);
    const page = await (await site.get("/jobs?search=x", ada)).text();
    expect(page).toContain("Your session has ended");
    expect(page).toContain('href="/auth/login?next=%2Fjobs%3Fsearch%3Dx"');
    expect(await (await site.get("/jobs")).text()).not.toContain("Your session has ended");
  });

  test("ends its streams, which tell the page so and nothing else any more", async () => {
    const ada = await signIn();
    const stream = (await site.get("/events?topic=jobs", { ...ada, ...STREAM })).body!.getReader();
    const read = async () => new TextDecoder().decode((await stream.read()).value);
    expect(await read()).toBe(": alive\n\n");
    clock.advance(HOUR);
    await api("POST", "/v1/job", "contributor", { job_queue: "q" });
    // What is on its way already was read while the session lived.
    for (let told = await read(); ; told = await read()) {
      if (told.startsWith("event: signed-out")) break;
      expect(told).toStartWith(":");
    }
    expect((await stream.read()).done).toBe(true);
  });

  test("that somebody ends in another place ends the log that is followed in it", async () => {
    const ada = await signIn();
    const job = await site.job();
    const [session] = await site.store.browserSessions.ofClient("ada@example.com", clock.now());
    const stream = (await site.get(`/jobs/${job}/events?output=0`, { ...ada, ...STREAM })).body!.getReader();
    await stream.read();
    await api("DELETE", `/v1/oauth2/sessions/${session!.id}`, "contributor");
    await api("POST", `/v1/result/${job}/log/output`, "agent", {
      fragment_number: 0,
      timestamp: clock.now().toISOString(),
      phase: "test",
      log_data: "a line that is not for them any more\n",
    });
    let told = "";
    for (let piece = await stream.read(); !piece.done; piece = await stream.read())
      told += new TextDecoder().decode(piece.value);
    expect(told).toEndWith("event: signed-out\ndata: {}\n\n");
    expect(told).not.toContain("not for them");
  });

  test("that nobody has come back to is told to the audit log when it is removed, once", async () => {
    await signIn();
    clock.advance(10);
    const late = await signIn();
    for (let hours = 0; hours < 3; hours++) {
      clock.advance(HOUR - 120);
      await status("/jobs", late);
    }
    await Promise.all([site.sweep(), site.sweep()]);
    expect(events().filter((event) => event.startsWith("session_expired"))).toEqual([
      "session_expired:ada@example.com,idle",
    ]);
    clock.advance(HOUR / 2);
    await site.sweep();
    expect(events().at(-1)).toBe("session_expired:ada@example.com,time over");
  });
});
