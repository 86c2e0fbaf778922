import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TestClock } from "../../support/clock.ts";
import { type Lab, lab } from "./lab.ts";

let app: Lab, clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  app = await lab({ now: clock.now });
});
afterEach(() => app.close());

/** Ids of the jobs that a page lists. */
const idsOf = (page: string): string[] => [...page.matchAll(/<tr id="job-([^"]+)"/g)].map(([, id = ""]) => id);
const listed = async (query = "") => idsOf(await app.page(`/jobs${query}`));

describe("the list of jobs", () => {
  test("tells id, queue, state and time, the newest first", async () => {
    const old = await app.job({ definition: { name: "the first", tags: ["t"] }, submitter: "ada@example.com" });
    clock.advance(60);
    const young = await app.job({ definition: { job_queue: "a/b" } });
    await app.store.jobs.report(old, { state: "complete", status: { setup: 0, test: 3 } }, clock.now());
    const page = await app.page("/jobs");
    expect(idsOf(page)).toEqual([young, old]);
    for (const header of ["Job ID", "Queue", "State", "Created At"]) expect(page).toContain(header);
    expect(page).toContain(`<a class="id" href="/jobs/${old}">${old}</a>`);
    expect(page).toContain('<a href="/queues/a%2Fb">a/b</a>');
    expect(page).toContain("2026-11-23 18:01:00");
    // A job is complete however its phases ended.
    expect(page).toContain('complete</span><span class="failed"> test: 3</span>');
    for (const text of ["the first", "ada@example.com"]) expect(page).toContain(text);
  });

  test("says so when it is empty", async () => {
    expect(await app.page("/jobs")).toContain("No job matches.");
  });

  test("is narrowed by the filters of the URL, which the form shows again", async () => {
    const [tagged, mine] = [
      await app.job({ definition: { tags: ["nightly"] } }),
      await app.job({ submitter: "ada@example.com", definition: { job_queue: "p" } }),
    ];
    await app.store.jobs.pop({ agent: "agent-1", queues: ["p"], now: clock.now() });
    await app.store.jobs.cancel(tagged, clock.now());
    clock.advance(86_400);
    const late = await app.job();
    for (const [query, expected] of [
      ["?state=cancelled", [tagged]],
      ["?state=active", [late, mine]],
      ["?state=started", [mine]],
      ["?state=waiting&state=cancelled", [late, tagged]],
      ["?queue=p", [mine]],
      ["?tag=nightly", [tagged]],
      ["?submitter=ada%40example.com", [mine]],
      ["?agent=agent-1", [mine]],
      ["?since=2026-11-24", [late]],
      ["?until=2026-11-23", [mine, tagged]],
      ["?search=ADA", [mine]],
      ["?queue=p&state=cancelled", []],
      // Empty fields of the form are no filters.
      ["?search=&state=&queue=&tag=&submitter=&agent=&since=&until=", [late, mine, tagged]],
    ] as const)
      expect([query, (await listed(query)).toSorted()]).toEqual([query, [...expected].toSorted()]);
    const page = await app.page("/jobs?queue=p&state=started&search=%22%3E&since=2026-11-01");
    expect(page).toContain('name="queue" value="p"');
    expect(page).toContain('<option value="started" selected>');
    expect(page).toContain('value="&quot;>"');
    expect(page).toContain('name="since" value="2026-11-01"');
    expect(page).toContain("<details open>");
  });

  test("keeps a state that it does not know", async () => {
    expect(await app.page("/jobs?state=%3Codd%3E")).toContain('<option value="&lt;odd>" selected>&lt;odd></option>');
  });

  test("comes in pages that keep the filters", async () => {
    const ids: string[] = [];
    for (let index = 0; index < 60; index++) {
      clock.advance(1);
      ids.unshift(await app.job({ definition: { job_queue: "long" } }));
    }
    await app.job();
    const first = await app.page("/jobs?queue=long");
    expect(idsOf(first)).toEqual(ids.slice(0, 50));
    expect(first).not.toContain("Newest jobs");
    const next = /<a rel="next" href="([^"]+)"/.exec(first)?.[1]?.replaceAll("&amp;", "&") ?? "";
    expect(next).toContain("queue=long");
    const second = await app.page(next);
    expect(idsOf(second)).toEqual(ids.slice(50));
    expect(second).not.toContain("Older jobs");
    expect(second).toContain('<a href="/jobs?queue=long">Newest jobs</a>');
  });

  test.each(["since=yesterday", "until=2026-13-01"])("refuses %s", async (query) => {
    const answer = await app.get(`/jobs?${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("must be a date such as");
  });
});

describe("the homepage", () => {
  test("shows deep queues, agents by state, and jobs that run and wait", async () => {
    for (let index = 0; index < 3; index++) await app.job({ definition: { job_queue: "deep" } });
    const running = await app.job({ definition: { job_queue: "shallow" } });
    await app.store.jobs.pop({ agent: "a", queues: ["shallow"], now: clock.now() });
    for (const [name, state] of [
      ["a", "test"],
      ["b", "waiting"],
      ["c", "waiting"],
      ["d", "offline"],
    ] as const)
      await app.store.agents.report(name, { state }, [], clock.now());
    const page = await app.page("/");
    expect(page).toMatch(/deep<\/a><\/td><td class="number">3<\/td><td class="number">0<\/td>/);
    expect(page).toMatch(/shallow<\/a><\/td><td class="number">0<\/td><td class="number">1<\/td>/);
    expect(page.indexOf(">deep<")).toBeLessThan(page.indexOf(">shallow<"));
    expect(page).toMatch(/waiting<\/span><\/a><\/td><td class="number">2<\/td>/);
    expect(page).toContain("Running jobs (1)");
    expect(page).toContain("Waiting jobs (3)");
    expect(page).toContain(`/jobs/${running}`);
  });
});
