import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { TestClock } from "../../support/clock.ts";
import { type Lab, lab } from "./lab.ts";

let app: Lab, clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  app = await lab({ now: clock.now });
});
afterEach(() => app.close());

const report = (id: string, results: Parameters<Lab["store"]["jobs"]["report"]>[1]) =>
  app.store.jobs.report(id, results, clock.now());

/** What is between a start and an end, with HTML's escapes undone. */
function between(page: string, start: string, end: string): string {
  const from = page.indexOf(start) + start.length;
  return page
    .slice(from, page.indexOf(end, from))
    .replaceAll("&lt;", "<")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&");
}

const SCRIPT = '#!/bin/bash\necho "<script>alert(1)</script>" && ls\n';

describe("the page of a job", () => {
  test.each(["no-such-job", "%3Cscript%3E", "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11"])("%s is not found", async (id) => {
    const answer = await app.get(`/jobs/${id}`);
    expect(answer.status).toBe(404);
    const name = decodeURIComponent(id).replaceAll("<", "&lt;");
    expect(await answer.text()).toContain(`<h1>Job not found: ${name}</h1>`);
  });

  test("tells its facts", async () => {
    const id = await app.job({
      submitter: "ada@example.com",
      priority: 3,
      definition: { name: "a name", tags: ["t 1"] },
    });
    const page = await app.page(`/jobs/${id}`);
    expect(page).toContain(`<h1>Job Detail - ${id}</h1>`);
    expect(page).toContain(`<title>Job - ${id} | Testflinger</title>`);
    for (const fact of ["Name", "Queue", "State", "Created At", "Submitted by", "Priority", "Tags"])
      expect(page).toContain(`<dt>${fact}</dt>`);
    expect(page).toContain('href="/jobs?tag=t%201"');
    expect(page).toContain('href="/jobs?submitter=ada%40example.com"');
  });
});

describe("the definition", () => {
  test("is shown as YAML in the order of the schema, and can be copied as it was submitted", async () => {
    const definition = {
      job_queue: "q",
      test_data: { test_cmds: SCRIPT },
      tags: ["no", "1.0"],
      name: "yes",
      provision_data: { url: "http://example.com/image" },
      parent_job_id: "5f1c1a3e-3b65-4d8e-9c55-0d2f5a0f9d11",
    };
    const page = await app.page(`/jobs/${await app.job({ definition })}`);
    for (const hook of [
      'data-copy-target="#job-yaml-content"',
      'id="job-yaml-content"',
      'id="job-yaml-tab"',
      'aria-controls="job-yaml"',
      'class="language-yaml pygments"',
      'class="language-bash pygments"',
      'id="job-definition"',
      'id="phase-results"',
    ])
      expect(page).toContain(hook);
    const text = between(page, '<div id="job-yaml-content" hidden>', "</div>");
    expect(parse(text)).toEqual({ ...definition, parent_job_id: undefined, exclude_agents: [] });
    expect(Object.keys(parse(text) as object)).toEqual([
      "name",
      "tags",
      "job_queue",
      "provision_data",
      "test_data",
      "exclude_agents",
    ]);
    expect(text).toContain("test_cmds: |\n");
    // Job files are read by the rules of YAML 1.1.
    expect(parse(text, { version: "1.1" })).toMatchObject({ name: "yes", tags: ["no", "1.0"] });
    expect(page).toContain("&lt;script&gt;");
    expect(page).not.toContain("<script>alert");
  });

  test("has tabs for the sections that there are", async () => {
    const tabsOf = async (definition: object) => {
      const page = await app.page(`/jobs/${await app.job({ definition })}`);
      return ["job-yaml", "provision-data", "firmware-update-data", "test-data"].filter((id) =>
        page.includes(`id="${id}"`),
      );
    };
    expect(await tabsOf({})).toEqual(["job-yaml"]);
    expect(await tabsOf({ provision_data: null, test_data: {} })).toEqual(["job-yaml"]);
    expect(
      await tabsOf({
        provision_data: { url: "x" },
        firmware_update_data: { version: "1" },
        test_data: { test_username: "u" },
      }),
    ).toEqual(["job-yaml", "provision-data", "firmware-update-data", "test-data"]);
  });

  test("of any size is shown, though not coloured", async () => {
    const page = await app.page(
      `/jobs/${await app.job({ definition: { test_data: { test_cmds: "<b>x\n".repeat(50_000) } } })}`,
    );
    expect(page).not.toContain("<b>");
    expect(page.length).toBeGreaterThan(400_000);
  });
});

describe("phase results", () => {
  test("tell the exit code and the output of each phase that began", async () => {
    const id = await app.job();
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
    await app.log(id, "set up\n", { phase: "setup" });
    await app.log(id, "flashed\n", { phase: "firmware_update" });
    await app.log(id, "testing\n", { phase: "test" });
    await report(id, { state: "test", status: { setup: 0, firmware_update: 4 } });
    const page = await app.page(`/jobs/${id}`);
    expect(page).toContain('<p class="notification positive"><span class="label">Exit Status:</span> 0</p>');
    expect(page).toContain('<p class="notification negative"><span class="label">Exit Status:</span> 4</p>');
    expect(page).toContain("It has not ended.");
    for (const phase of ["setup", "firmware_update", "test"]) expect(page).toContain(`aria-controls="phase-${phase}"`);
    expect(page).not.toContain('aria-controls="phase-provision"');
    const panel = between(page, 'id="phase-firmware_update" ', 'id="phase-test"');
    expect(panel).toContain("flashed");
    expect(panel).not.toContain("testing");
  });

  test("show the last lines of a long phase and lead to the first", async () => {
    const id = await app.job();
    await app.log(id, "before\nbefore\n", { phase: "setup" });
    await app.log(id, Array.from({ length: 80 }, (_, index) => `p${index}.\n`).join(""), { phase: "provision" });
    await app.log(id, "after\n", { phase: "test" });
    const page = await app.page(`/jobs/${id}`);
    const panel = between(page, 'id="phase-provision" ', 'id="phase-test"');
    expect(panel).toContain('<a href="?output=3#output-3">All 80 lines of this phase</a>');
    expect(panel).toContain(">p79.<");
    expect(panel).not.toContain(">p29.<");
    expect(panel).not.toContain("after");
  });
});

describe("the timeline", () => {
  test("tells when the job was in which state, for how long, and with what exit code", async () => {
    const id = await app.job();
    clock.advance(90);
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
    clock.advance(2);
    await report(id, { state: "provision" });
    clock.advance(3700);
    await report(id, { state: "test", status: { provision: 0 } });
    clock.advance(30);
    const rows = (page: string) =>
      [
        ...between(page, 'id="timeline"', "</section>").matchAll(
          /data-label="State">([^<]*).*?data-label="Took">([^<]*).*?data-label="Exit code">(?:<span class="(\w+)">(\d+))?/gs,
        ),
      ].map(([, ...columns]) => columns.filter(Boolean));
    expect(rows(await app.page(`/jobs/${id}`))).toEqual([
      ["waiting", "1 min 30 s"],
      ["running", "2 s"],
      ["provision", "1 h 1 min", "passed", "0"],
      ["test", "30 s so far"],
    ]);
    await report(id, { state: "complete", status: { provision: 0, test: 9, cleanup: 0 } });
    clock.advance(1000);
    expect(rows(await app.page(`/jobs/${id}`)).slice(3)).toEqual([
      ["test", "30 s", "failed", "9"],
      ["cleanup", "", "passed", "0"].filter(Boolean),
    ]);
  });
});

test("a reservation tells when it ends", async () => {
  const id = await app.job({ definition: { reserve_data: { ssh_keys: ["gh:ada"], timeout: 7200 } } });
  await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
  await report(id, { state: "reserve" });
  clock.advance(600);
  expect(await app.page(`/jobs/${id}`)).toContain(
    '<dt>Reserved until</dt><dd><time datetime="2026-11-23T20:00:00.000Z">2026-11-23 20:00:00</time></dd>',
  );
  await report(id, { state: "cleanup" });
  expect(await app.page(`/jobs/${id}`)).not.toContain("Reserved until");
});

describe("a waiting job", () => {
  const reasons = async (id: string) => between(await app.page(`/jobs/${id}`), "Why it waits", "</ul>");
  const agent = (name: string, state: string) =>
    app.store.agents.report(name, { queues: ["q"], state }, [], clock.now());

  test("says how many are ahead, what the agents do, and how long others waited", async () => {
    await app.job();
    clock.advance(1);
    const id = await app.job();
    expect(await reasons(id)).toContain("1 job is ahead of it.");
    expect(await reasons(id)).toContain("No agent serves the queue q.");
    await agent("a", "offline");
    expect(await reasons(id)).toContain("1 agent that could take it is offline or in maintenance.");
    await agent("b", "provision");
    await agent("c", "waiting");
    expect(await reasons(id)).toContain(
      "Of 3 agents that could take it 1 is free, 1 at work and 1 offline or in maintenance.",
    );
    await app.store.queues.recordWait("q", 75);
    expect(await reasons(id)).toContain("Half of the earlier jobs of this queue waited 1 min 15 s or less.");
    await app.store.jobs.pop({ agent: "c", queues: ["q"], now: clock.now() });
    expect(await reasons(id)).toContain("It is the next job of its queue.");
  });

  test("says that its attachments are missing, or that it excludes every agent", async () => {
    await agent("a", "waiting");
    expect(await reasons(await app.job({ attachments: "waiting" }))).toContain(
      "Its attachments have not been uploaded yet",
    );
    expect(await reasons(await app.job({ definition: { exclude_agents: ["a"] } }))).toContain("It excludes all agents");
  });

  test("no longer does when an agent has it", async () => {
    const id = await app.job();
    await app.store.jobs.pop({ agent: "a", queues: ["q"], now: clock.now() });
    expect(await app.page(`/jobs/${id}`)).not.toContain("Why it waits");
  });
});

describe("what a job leaves", () => {
  test("is downloaded as it is", async () => {
    const id = await app.job();
    expect(await app.page(`/jobs/${id}`)).toContain("The job has left no artifact.");
    expect((await app.get(`/jobs/${id}/artifact`)).status).toBe(404);
    const bytes = new Uint8Array([31, 139, 8, 0, 60, 98, 62]);
    async function* upload() {
      yield bytes;
    }
    await app.store.files.save(id, "artifact", upload(), clock.now());
    await report(id, { deviceInfo: { agent_name: "some-device" } });
    const page = await app.page(`/jobs/${id}`);
    expect(page).toContain("Download the artifact (7 bytes)");
    expect(page).toContain("some-device");
    const answer = await app.get(`/jobs/${id}/artifact`);
    expect(await answer.bytes()).toEqual(bytes);
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="artifact.tar.gz"');
    expect(answer.headers.get("cache-control")).toBe("no-store");
    // As browsers go on with a download.
    const rest = { range: "bytes=4-", "if-range": answer.headers.get("etag")! };
    const more = await app.get(`/jobs/${id}/artifact`, rest);
    expect([more.status, await more.bytes()]).toEqual([206, bytes.subarray(4)]);
  });
});

describe("the logs of a job", () => {
  test("open at their end, with what each line is", async () => {
    const id = await app.job();
    await app.log(id, Array.from({ length: 700 }, (_, index) => `\u001b[32mline ${index + 1}\u001b[0m\n`).join(""));
    await app.log(id, "on the console\n", { type: "serial", number: 0 });
    const page = await app.page(`/jobs/${id}`);
    expect(page).toContain('<div class="line" id="output-700" data-line="700">');
    expect(page).toContain('<span class="fg-green">line 201</span>');
    expect(page).not.toContain(">line 200<");
    expect(page).toContain("on the console");
    expect(page).toContain(`href="/jobs/${id}/log/output" download`);
    expect(page).toContain('rel="prev"');
    // The page is followed from where it ends.
    expect(page).toContain(`data-live="/jobs/${id}/events?state=waiting&amp;output=1&amp;serial=1"`);
  });

  test("open at a line that a link names", async () => {
    const id = await app.job();
    await app.log(id, Array.from({ length: 2000 }, (_, index) => `line ${index + 1}\n`).join(""));
    const page = await app.page(`/jobs/${id}?output=1000`);
    expect(page).toContain('id="output-1000"');
    expect(page).toContain('id="output-990"');
    expect(page).not.toContain('id="output-989"');
    expect(page).not.toContain('id="output-1490"');
    expect(page).toContain(`data-live="/jobs/${id}/events?state=waiting&amp;output=&amp;serial=0"`);
  });

  test.each(["?output=x", "?serial=-1", "?output=1e9"])("refuse %s", async (query) => {
    const answer = await app.get(`/jobs/${await app.job()}${query}`);
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("must be a whole number");
  });

  test("are fetched in parts and as files", async () => {
    const id = await app.job();
    const text = Array.from({ length: 100 }, (_, index) => `<${index + 1}>\n`).join("");
    for (let start = 0, number = 0; start < text.length; start += 5)
      await app.log(id, text.slice(start, start + 5), { number: number++ });
    const part = await app.page(`/jobs/${id}/log/output/lines?from=50&limit=2`);
    expect(part).toMatch(/^<div class="line" id="output-50".*&lt;50>.*id="output-51".*&lt;51>[^0-9]*$/s);
    const file = await app.get(`/jobs/${id}/log/output`);
    expect(file.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(file.headers.get("content-disposition")).toBe(`attachment; filename="${id}-output.log"`);
    expect(file.headers.get("content-security-policy")).toContain("sandbox");
    expect(await file.text()).toBe(text);
    expect(await app.page(`/jobs/${id}/log/serial`)).toBe("");
    expect((await app.get(`/jobs/${id}/log/other`)).status).toBe(404);
    expect((await app.get(`/jobs/${id}/log/output/lines?from=x`)).status).toBe(400);
  });
});

describe("the password of a device", () => {
  test.each([
    ["submitter@example.com", "contributor", true],
    ["other@example.com", "contributor", false],
    ["manager@example.com", "manager", true],
  ] as const)("is shown to %s: %p", async (email, role, shown) => {
    const site = await lab({ oidc: true });
    const definition = { test_data: { test_password: "hunter2", test_cmds: "true" } };
    const id = await site.job({ submitter: "submitter@example.com", definition });
    const page = await (await site.get(`/jobs/${id}`, await site.signIn(role, email))).text();
    expect(page.includes("hunter2")).toBe(shown);
    expect(page).toContain("test_password");
    await site.close();
  });
});
