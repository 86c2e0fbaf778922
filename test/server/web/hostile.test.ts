import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Lab, lab } from "./lab.ts";

/** Attempts to become markup in text, in attributes of either quoting, in URLs, and in scripts. */
const ATTACKS = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '" autofocus onfocus="alert(1)',
  "javascript:alert(1)",
  "</title></textarea></style></pre></code><svg onload=alert(1)>",
  "<!--<a href='javascript:alert(1)'>x</a>-->",
  "{{7*7}}${7*7}<%= 7*7 %>",
  "\u001b]8;;javascript:alert(1)\u001b\\click\u001b]8;;\u001b\\",
  "&lt;script&gt;&#x3c;img&#x3e;",
  "\u202eevil\u0000\r\n\ud800",
];

/** Elements and attributes that only an attack brings in. */
async function smuggled(page: string): Promise<string[]> {
  const found: string[] = [];
  const suspicious = new Set(["script", "svg", "img", "textarea", "style"]);
  await new HTMLRewriter()
    .on("*", {
      element(element) {
        const attributes = [...element.attributes];
        for (const [name, value = ""] of attributes) {
          if (name.startsWith("on")) found.push(`${element.tagName} ${name}=${value}`);
          if (
            ["href", "src", "action"].includes(name) &&
            !/^(?:\/(?!\/)|[?#]|https:\/\/(?:documentation\.)?(?:ubuntu|github)\.com\/)/.test(value)
          )
            found.push(`${element.tagName} ${name}=${value}`);
          if (name === "style" || name === "autofocus" || name === "srcdoc") found.push(`${element.tagName} ${name}`);
        }
        if (!suspicious.has(element.tagName)) return;
        const source = element.getAttribute("src") ?? "";
        const marks: Record<string, string> = { svg: "viewBox", textarea: "spellcheck" };
        const mark = marks[element.tagName];
        if (mark ? !element.hasAttribute(mark) : !source.startsWith("/static/")) found.push(`<${element.tagName}>`);
      },
    })
    .transform(new Response(page))
    .text();
  return found;
}

describe.each(ATTACKS)("%j", (attack) => {
  let app: Lab, job: string, cookie: { cookie: string };
  const path = encodeURIComponent(attack.replaceAll("/", "").toWellFormed());
  const name = decodeURIComponent(path);

  beforeAll(async () => {
    app = await lab({ oidc: true });
    const { store } = app;
    const now = new Date();
    cookie = await app.signIn("admin", `${name}@example.com`);
    await store.clients.create({ id: name, permissions: { role: "contributor", max_priority: { [name]: 1 } } });
    await store.queues.advertise({ [name]: attack }, now);
    await store.queues.restrict(name, name);
    job = await app.job({
      submitter: attack,
      definition: {
        name: attack,
        job_queue: name,
        tags: [attack],
        parent_job_id: attack,
        provision_data: { [attack]: attack },
        firmware_update_data: { [attack]: [attack] },
        test_data: { test_cmds: attack, test_username: attack },
      },
    });
    await store.jobs.pop({ agent: attack, queues: [name], now });
    await store.jobs.report(job, { state: attack, status: { test: 1 }, deviceInfo: { [attack]: attack } }, now);
    await store.agents.report(
      name,
      {
        state: attack,
        location: attack,
        comment: attack,
        provision_type: attack,
        identifier: attack,
        queues: [name],
        job_id: attack,
      },
      [attack],
      now,
    );
    await store.agents.recordProvision(name, { jobId: attack, exitCode: 1, detail: attack, timestamp: now });
    await app.log(job, `${attack}\n`, { phase: "test", number: 0 });
    await app.log(job, attack, { phase: "test", type: "serial", number: 0 });
  });
  afterAll(() => app.close());

  test.each([
    "/",
    "/agents",
    "/agents/NAME",
    "/jobs",
    "/jobs/JOB",
    "/jobs/JOB?output=1&serial=1",
    "/jobs/JOB/cancel",
    "/jobs/JOB/log/output/lines",
    "/queues",
    "/queues/NAME",
    "/admin",
    "/admin/clients/NAME",
    "/admin/clients/NAME/delete",
    "/sessions",
    "/agents?search=NAME",
    "/queues?search=NAME",
    "/jobs?search=NAME&state=NAME&queue=NAME&tag=NAME&submitter=NAME&agent=NAME",
    "/jobs/NAME",
    "/agents/missing-NAME",
    "/agents/NAME?start=NAME",
    "/jobs?since=NAME",
    "/jobs/JOB/log/NAME",
    "/events?topic=NAME",
    "/admin/clients/missing-NAME",
  ])("stays text on %s", async (page) => {
    const answer = await app.get(page.replaceAll("NAME", path).replace("JOB", job), cookie);
    expect(answer.status).toBeLessThan(500);
    expect(answer.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(await smuggled(await answer.text())).toEqual([]);
  });

  test("stays text in what a followed page is told", async () => {
    const leave = new AbortController();
    const request = new Request(`http://localhost/jobs/${job}/events?output=0&serial=0`, {
      headers: cookie,
      signal: leave.signal,
    });
    const reader = (await app.fetch(request)).body!.getReader();
    let text = "";
    while ((text.match(/^event: lines/gm) ?? []).length < 2)
      text += new TextDecoder().decode((await reader.read()).value);
    leave.abort();
    for (const [, data = ""] of text.matchAll(/^event: lines\ndata: (.*)$/gm)) {
      const { html } = JSON.parse(data) as { html: string };
      expect(await smuggled(html)).toEqual([]);
    }
  });
});

test("the search for smuggled markup finds it", async () => {
  expect(
    await smuggled('<p onclick="x"><script>y</script><a href="javascript:1">z</a><img src=x style="a">'),
  ).toHaveLength(6);
});
