import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { TestClock } from "../../support/clock.ts";
import { type Lab, lab } from "./lab.ts";

let app: Lab, clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  app = await lab({ now: clock.now });
});
afterEach(() => app.close());

/** Names of queues in the order of the rows. */
const rowsOf = (page: string): string[] =>
  [...page.matchAll(/<td data-label="Name"><a href="\/queues\/[^"]*">([^<]*)/g)].map(([, name = ""]) => name);

describe("the list of queues", () => {
  test("holds the advertised ones, then all others that agents serve", async () => {
    await app.store.queues.advertise({ z: "The last & the best", m: "" }, clock.now());
    await app.store.agents.report("one", { queues: ["b", "z"] }, [], clock.now());
    await app.store.agents.report("two", { queues: ["a", "b"] }, [], clock.now());
    expect(rowsOf(await app.page("/queues"))).toEqual(["m", "z", "a", "b"]);
  });

  test("counts the jobs that have not ended", async () => {
    await app.store.queues.advertise({ q: "" }, clock.now());
    const [first] = [await app.job(), await app.job(), await app.job()];
    await app.store.jobs.cancel(first, clock.now());
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
    const page = await app.page("/queues");
    expect(page).toContain(
      '<td data-label="Number of jobs" class="number">2</td><td data-label="Waiting" class="number">1</td>',
    );
  });

  test("is narrowed by a search in names and descriptions", async () => {
    await app.store.queues.advertise({ one: "Raspberry", two: "Laptop" }, clock.now());
    expect(rowsOf(await app.page("/queues?search=RASP"))).toEqual(["one"]);
    expect(rowsOf(await app.page("/queues?search=two"))).toEqual(["two"]);
  });
});

describe("the page of a queue", () => {
  test("is there for any name", async () => {
    const answer = await app.get("/queues/no%20such");
    expect(answer.status).toBe(200);
    const page = await answer.text();
    expect(page).toContain("<h1>Queue Detail - no such</h1>");
    expect(page).toContain("No description");
    expect(page).toContain("No Agents");
    expect(page).toContain("View Queues");
  });

  test("shows the waiting jobs in the order in which agents get them, and those that run", async () => {
    const running = await app.job({ createdAt: clock.now() });
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
    clock.advance(1);
    const plain = await app.job();
    clock.advance(1);
    const urgent = await app.job({ priority: 5 });
    const ended = await app.job();
    await app.store.jobs.cancel(ended, clock.now());
    const page = await app.page("/queues/q");
    expect(page).toContain("Running (1)");
    expect(page).toContain("Waiting, the next one first (2)");
    const places = [running, urgent, plain].map((id) => page.indexOf(id));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(page).not.toContain(ended);
  });

  test("shows agents and how long jobs waited", async () => {
    await app.store.queues.advertise({ q: "Of tests" }, clock.now());
    await app.store.agents.report("server-of-q", { queues: ["q"] }, [], clock.now());
    for (const wait of [10, 20, 100_000]) await app.store.queues.recordWait("q", wait);
    const page = await app.page("/queues/q");
    expect(page).toContain("Of tests");
    expect(page).toContain("/agents/server-of-q");
    for (const percentile of ["5th", "10th", "50th", "90th", "95th"]) expect(page).toContain(`<td>${percentile}</td>`);
    expect(page).toContain("<td>00h 00m 20s</td>");
    expect(page).toContain("<td>25h 00m 02s</td>");
  });

  test("says who may submit to a restricted one", async () => {
    await app.store.clients.create({ id: "some-owner", permissions: {} });
    await app.store.queues.restrict("q", "some-owner");
    expect(await app.page("/queues/q")).toContain("Restricted to: some-owner");
  });
});
