import { archive, made, PATHS, type Row } from "./row.ts";

/** What was asked for and not allowed. */
export const REFUSALS: readonly Row[] = [
  [
    "a request without identity",
    "CRITICAL",
    async (s) => made(await s.as(null, "POST", PATHS.job, {}), `authz_fail:unauthenticated,${PATHS.job}`, "admin"),
  ],
  [
    "a request that the role does not allow",
    "CRITICAL",
    async (s) => {
      const agent = await s.client({ role: "agent" });
      return made(
        await s.as(agent, "POST", PATHS.job, {}),
        `authz_fail:${agent.id},${PATHS.job}`,
        "admin, manager, contributor",
      );
    },
  ],
  [
    "a client that is stronger than the caller",
    "CRITICAL",
    async (s) => {
      const [manager, admin] = [await s.client({ role: "manager" }), await s.client({ role: "admin" })];
      const path = `/v1/client-permissions/${admin.id}`;
      const answer = await s.as(manager, "PUT", path, { role: "contributor" });
      return made(answer, `authz_fail:${manager.id},${path}`, "insufficient permissions");
    },
  ],
  [
    "an attempt to change the system administrator",
    "WARNING",
    async (s) => {
      const admin = await s.client({ role: "admin" });
      const answer = await s.as(admin, "PUT", "/v1/client-permissions/testflinger-admin", { role: "admin" });
      return made(answer, `authz_admin:${admin.id},set_client_permissions`, "testflinger-admin");
    },
  ],
  [
    "an attempt to create a client without a secret",
    "WARNING",
    async (s) => {
      const admin = await s.client({ role: "admin" });
      const answer = await s.as(admin, "PUT", `/v1/client-permissions/${s.name("new")}`, { role: "agent" });
      return made(answer, `authz_admin:${admin.id},set_client_permissions`, "client_secret");
    },
  ],
  [
    "a bearer token that was forged",
    "CRITICAL",
    async (s) => {
      const { access } = await s.client();
      const answer = await s.as({ access: `${access.slice(0, -4)}AAAA` }, "GET", "/v1/agents/data");
      return made(answer, "authz_fail:unauthenticated,/v1/agents/data", "bearer token");
    },
  ],
  ...(
    [
      ["a priority", { job_priority: 5 }, "priority 5"],
      ["a long reservation", { reserve_data: { ssh_keys: ["lp:ann"], timeout: 90_000 } }, "timeout 90000"],
      ["a restricted queue", { job_queue: "restricted" }, "restricted queue"],
    ] as const
  ).map(([what, definition, says]): Row => [
    `a job that is refused for ${what}`,
    "CRITICAL",
    async (s) => {
      const [ann, { id: owner }] = [await s.client(), await s.client()];
      await s.store.queues.restrict("restricted", owner);
      const answer = await s.as(ann, "POST", PATHS.job, { job_queue: "q", ...definition });
      return made(answer, `authz_fail:${ann.id},${PATHS.job}`, says);
    },
  ]),
  [
    "a job of somebody else that is not to be cancelled",
    "CRITICAL",
    async (s) => {
      const [ann, eve] = [await s.client(), await s.client()];
      const path = `/v1/job/${await s.job(ann)}/action`;
      return made(
        await s.as(eve, "POST", path, { action: "cancel" }),
        `authz_fail:${eve.id},${path}`,
        "another client",
      );
    },
  ],
  [
    "a job of somebody else that is to get no attachments",
    "CRITICAL",
    async (s) => {
      const [ann, eve] = [await s.client(), await s.client()];
      const path = `/v1/job/${await s.job(ann, { test_data: { attachments: [{ agent: "a" }] } })}/attachments`;
      return made(await s.as(eve, "POST", path, archive()), `authz_fail:${eve.id},${path}`, "another client");
    },
  ],
  [
    "secrets of somebody else",
    "CRITICAL",
    async (s) => {
      const [ann, eve] = [await s.client(), await s.client()];
      const path = `/v1/secrets/${ann.id}/a`;
      return made(await s.as(eve, "PUT", path, { value: "v" }), `authz_fail:${eve.id},${path}`, "doesn't match");
    },
  ],
  [
    "logins of somebody else",
    "CRITICAL",
    async (s) => {
      const [ann, eve] = [await s.client(), await s.client({ role: "manager" })];
      const answer = await s.as(eve, "GET", `${PATHS.sessions}?client_id=${ann.id}`);
      return made(answer, `authz_fail:${eve.id},${PATHS.sessions}`, "Only admins");
    },
  ],
  [
    "an agent that acts as another one",
    "CRITICAL",
    async (s) => {
      const agent = await s.client({ role: "agent", allowed_agents: ["a"] });
      const path = "/v1/agents/data/b";
      return made(await s.as(agent, "POST", path, { queues: ["q"] }), `authz_fail:${agent.id},${path}`, "bound to: a");
    },
  ],
  [
    "a page that the role does not allow",
    "CRITICAL",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "carl");
      return made(await browser.get("/admin"), "authz_fail:carl@example.com,/admin", "role");
    },
  ],
  [
    "a form of another site",
    "CRITICAL",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "dora");
      const answer = await browser.post("/sessions/end", { origin: "https://evil.example" });
      return made(answer, "authz_fail:dora@example.com,/sessions/end", "another site");
    },
  ],
  [
    "a request that a schema refuses",
    "WARNING",
    async (s) => {
      const ann = await s.client();
      const answer = await s.as(ann, "POST", PATHS.job, { job_queue: 5 });
      return made(answer, `input_validation_fail:${PATHS.job},${ann.id}`, "job_queue");
    },
  ],
  [
    "an address that looks for what is not there",
    "WARNING",
    async (s) =>
      made(await s.times(100, () => s.send("GET", `/${s.name("wp-admin")}`)), "malicious_excess_404:127.0.0.1"),
  ],
];
