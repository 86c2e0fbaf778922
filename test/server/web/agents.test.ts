import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TestClock } from "../../support/clock.ts";
import { type Lab, lab } from "./lab.ts";

let app: Lab, clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  app = await lab({ now: clock.now });
});
afterEach(() => app.close());

const report = (name: string, given: object, log: string[] = []) =>
  app.store.agents.report(name, given, log, clock.now());

describe("the list of agents", () => {
  test("tells outcome, name, location, state, time and job of each", async () => {
    const job = await app.job();
    await report("b", { location: "London", state: "test", job_id: job });
    await report("a", { state: "offline", comment: "its disk is full" });
    for (const exitCode of [0, 3, 3])
      await app.store.agents.recordProvision("a", { jobId: job, exitCode, timestamp: clock.now() });
    const page = await app.page("/agents");
    for (const id of ["Outcome", "Name", "Location", "State", "UpdatedAt", "JobId"])
      expect(page).toContain(`id="agents${id}Header"`);
    expect(page).toContain('id="agentsTable"');
    const rows = page.split("<tr").slice(2);
    expect(rows).toHaveLength(2);
    expect(rows[0]).toContain("failed the last 2 provision attempts");
    expect(rows[0]).toContain('<span class="provision-streak" aria-hidden="true">2</span>');
    expect(rows[0]).toContain('<a href="/agents/a">a</a>');
    expect(rows[0]).toContain(">unknown</td>");
    expect(rows[0]).toContain("its disk is full");
    // An idle agent has no job to link to.
    expect(rows[0]).not.toContain("/jobs/");
    expect(rows[1]).not.toContain("provision-streak");
    expect(rows[1]).toContain("London");
    expect(rows[1]).toContain(`<a class="id" href="/jobs/${job}">${job}</a>`);
    expect(rows[1]).toContain('<time datetime="2026-11-23T18:00:00.000Z">2026-11-23 18:00:00</time>');
  });

  test("says what to do when there are none", async () => {
    const page = await app.page("/agents");
    expect(page).toContain("No Agents");
    expect(page).toContain("Set up an agent host");
  });

  test("is narrowed by a search in any of its texts", async () => {
    await report("one", { location: "Taipei", state: "waiting" });
    await report("two", { location: "London", state: "offline", comment: "Fan broken" });
    const found = (search: string) => app.page(`/agents?search=${encodeURIComponent(search)}`);
    expect(await found("TAIPEI")).toContain("/agents/one");
    expect(await found("TAIPEI")).not.toContain("/agents/two");
    expect(await found("fan")).toContain("/agents/two");
    const none = await found('"><script>');
    expect(none).toContain("No agent matches the search.");
    expect(none).toContain('value="&quot;>&lt;script>"');
  });
});

describe("the page of an agent", () => {
  test("of an unknown one is not found", async () => {
    const answer = await app.get("/agents/nobody%3C");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("<h1>Agent not found: nobody&lt;</h1>");
  });

  test("tells its facts, its job, its queues with their depth and its log", async () => {
    const job = await app.job({ definition: { job_queue: "busy" } });
    await app.job({ definition: { job_queue: "busy" } });
    const ended = await app.job({ definition: { job_queue: "busy" } });
    await app.store.jobs.cancel(ended, clock.now());
    await app.store.jobs.pop({ agent: "a", queues: ["busy"], now: clock.now() });
    await app.store.queues.advertise({ busy: "A queue <for> tests" }, clock.now());
    await app.store.clients.create({ id: "owner", permissions: {} });
    await app.store.queues.restrict("busy", "owner");
    await report(
      "a",
      {
        state: "test",
        provision_type: "maas2",
        location: "",
        comment: "hello",
        queues: ["busy", "other"],
        job_id: job,
      },
      ["first line", "second line"],
    );
    const page = await app.page("/agents/a");
    expect(page).toContain("<h1>Agent Detail - a</h1>");
    for (const fact of ["State", "Provision Type", "Comment", "Last updated", "Current job"])
      expect(page).toContain(`<dt>${fact}</dt>`);
    expect(page).toContain("maas2");
    expect(page).toContain("(restricted to: owner)");
    expect(page).toContain("A queue &lt;for> tests");
    expect(page).toMatch(/busy<\/a>.*?class="number">2<\/td>/s);
    expect(page).toMatch(/other<\/a>.*?class="number">0<\/td>/s);
    expect(page).toContain("second line");
    expect(page).toContain(`/jobs/${job}`);
  });

  test("shows provision attempts of the range and how many succeeded, rounded down", async () => {
    await report("a", {});
    const record = (exitCode: number, detail?: string) =>
      app.store.agents.recordProvision("a", { jobId: crypto.randomUUID(), exitCode, detail, timestamp: clock.now() });
    await record(0, "long ago");
    clock.advance(3 * 86_400);
    await record(0, "first");
    await record(0);
    await record(5, "no space left");
    const page = await app.page("/agents/a");
    expect(page).toContain("Provision success rate for this range:</strong> 66%");
    expect(page.indexOf("no space left")).toBeLessThan(page.indexOf("first"));
    expect(page).not.toContain("long ago");
    expect(page).toContain('name="start" value="2026-11-24"');
    expect(page).toContain('name="stop" value="2026-11-26"');
    const all = await app.page("/agents/a?start=2026-11-23&stop=2026-11-26");
    expect(all).toContain("long ago");
    expect(all).toContain("range:</strong> 75%");
    // The whole last day belongs to the range.
    expect(await app.page("/agents/a?start=2026-11-23&stop=2026-11-23")).toContain("range:</strong> 100%");
  });

  test("without attempts has a success rate of 0 %", async () => {
    await report("a", {});
    expect(await app.page("/agents/a")).toContain("Provision success rate for this range:</strong> 0%");
  });

  test.each(["start=x", "stop=2026-02-30", "start=23.11.2026", "stop=2026-11-23T00:00:00Z"])(
    "refuses %s and says what a date looks like",
    async (query) => {
      await report("a", {});
      const answer = await app.get(`/agents/a?${query}`);
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain(`'${query.split("=")[0]}' must be a date such as 1970-01-01`);
    },
  );
});
