import { afterEach, beforeEach, expect, test } from "bun:test";
import { agentCookie } from "../../../src/server/agents/cookie.ts";
import type { Permissions } from "../../../src/server/store/clients.ts";
import { contract } from "../../contract/contract.ts";
import { newJob } from "../../contract/samples.ts";
import { type TestApp, testApp } from "../../support/test-app.ts";

/** In the reference every agent's token may act as every agent (auth section 8, no. 11; ASVS 5.0 control 8.2.2). */
contract("an agent's token that is bound to names", (subject) => {
  let apps: TestApp[] = [];
  beforeEach(() => void (apps = []));
  afterEach(() => Promise.all(apps.map((app) => app.close())));
  const start = async (env: Record<string, string> = {}) => {
    const app = await testApp({ on: subject, env });
    apps.push(app);
    return app;
  };
  const call = async (
    app: TestApp,
    method: string,
    path: string,
    { permissions = {}, cookie, body }: { permissions?: Permissions; cookie?: string; body?: unknown } = {},
  ) => {
    const bound = { role: "agent", allowed_agents: ["lab-*", "rpi"], ...permissions };
    const headers: Record<string, string> = { authorization: `Bearer ${await app.token("lab", bound)}` };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (cookie !== undefined) headers.cookie = agentCookie(cookie).split(";")[0]!;
    const init = { method, headers, body: body === undefined ? undefined : JSON.stringify(body) };
    return (await app.fetch(new Request(`http://localhost${path}`, init))).status;
  };
  const jobOf = async (agent: string) => {
    const job = newJob();
    await subject.store.jobs.submit(job);
    await subject.store.jobs.pop({ agent, queues: ["q"], now: job.createdAt });
    return job.id;
  };
  /** Everything that an agent does, as this agent or for a job of this agent. */
  const deeds = async (app: TestApp, agent: string, permissions: Permissions = {}) => {
    const job = await jobOf(agent);
    const attempt = { job_id: job, exit_code: 0, detail: "" };
    return [
      await call(app, "POST", `/v1/agents/data/${agent}`, { permissions, body: { state: "waiting" } }),
      await call(app, "POST", `/v1/agents/provision_logs/${agent}`, { permissions, body: attempt }),
      await call(app, "GET", "/v1/job?queue=empty", { permissions, cookie: agent }),
      await call(app, "POST", `/v1/result/${job}`, { permissions, body: { status: {} } }),
      await call(app, "POST", "/v1/agents/queues", { permissions, cookie: agent, body: {} }),
    ];
  };
  const ALLOWED = [200, 200, 204, 200, 200];

  test("acts as these agents", async () => {
    const app = await start({ AGENT_BINDING: "enforce" });
    expect(await deeds(app, "lab-1")).toEqual(ALLOWED);
    expect(await deeds(app, "rpi")).toEqual(ALLOWED);
    expect(app.lines.join()).not.toContain("is bound to");
  });

  test("acts as no other where that is enforced, and the attempt is told to the audit log", async () => {
    const app = await start({ AGENT_BINDING: "enforce" });
    expect(await deeds(app, "other")).toEqual([403, 403, 403, 403, 403]);
    const events = app.lines.flatMap((line) => JSON.parse(line).owasp_event?.event ?? []);
    expect(events).toContain("authz_fail:lab,/v1/agents/data/other");
    expect(await subject.store.agents.find("other")).toBeNull();
  });

  test("acts as others too where that is recorded, and the log tells", async () => {
    const app = await start();
    await subject.store.agents.report("other", {}, [], new Date());
    expect(await deeds(app, "other")).toEqual(ALLOWED);
    expect(app.lines.filter((line) => line.includes("is bound to: lab-*, rpi"))).toHaveLength(5);
  });

  test("may act as nobody at all", async () => {
    const app = await start({ AGENT_BINDING: "enforce" });
    expect(await deeds(app, "lab-1", { allowed_agents: [] })).toEqual([403, 403, 403, 403, 403]);
  });

  test("reads what every agent may read", async () => {
    const app = await start({ AGENT_BINDING: "enforce" });
    await subject.store.agents.report("other", {}, [], new Date());
    expect(await call(app, "GET", "/v1/agents/data/other")).toBe(200);
  });

  test("is another thing than one that is not bound, or that is no agent's", async () => {
    const app = await start({ AGENT_BINDING: "enforce" });
    await subject.store.agents.report("other", {}, [], new Date());
    expect(await deeds(app, "other", { allowed_agents: undefined })).toEqual(ALLOWED);
    const manager = { role: "manager", allowed_agents: ["lab-1"] };
    expect(await call(app, "POST", "/v1/agents/data/other", { permissions: manager, body: {} })).toBe(200);
  });
});
