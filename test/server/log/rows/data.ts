import { archive, made, type Row } from "./row.ts";

/** Secrets, jobs and files. */
export const DATA: readonly Row[] = [
  [
    "a secret that is stored",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const path = `/v1/secrets/${ann.id}/a/b`;
      const answer = await s.as(ann, "PUT", path, { value: "the-value-of-a-secret" });
      return made(answer, `sensitive_create:${ann.id},${path}`, "a/b");
    },
  ],
  [
    "a secret that is replaced",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const path = `/v1/secrets/${ann.id}/a/b`;
      await s.as(ann, "PUT", path, { value: "the-value-of-a-secret" });
      const answer = await s.as(ann, "PUT", path, { value: "the-next-value-of-it" });
      return made(answer, `sensitive_update:${ann.id},${path}`, "a/b");
    },
  ],
  [
    "a secret that is deleted",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const path = `/v1/secrets/${ann.id}/a/b`;
      return made(await s.as(ann, "DELETE", path), `sensitive_delete:${ann.id},${path}`, "a/b");
    },
  ],
  [
    "a secret that an agent gets",
    "INFO",
    async (s) => {
      const [ann, agent, queue] = [await s.client(), await s.client({ role: "agent" }), s.name("queue")];
      const path = `/v1/secrets/${ann.id}/a`;
      await s.as(ann, "PUT", path, { value: "the-value-of-a-secret" });
      const job = await s.job(ann, { job_queue: queue, test_data: { secrets: { TOKEN: "a" } } });
      const headers = { authorization: `Bearer ${agent.access}`, cookie: "agent_name=rpi" };
      const answer = await s.send("GET", `/v1/job?queue=${queue}`, headers);
      return made(answer, `sensitive_read:${ann.id},${path}`, job);
    },
  ],
  [
    "a job that is cancelled",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const path = `/v1/job/${await s.job(ann)}/action`;
      return made(await s.as(ann, "POST", path, { action: "cancel" }), `sensitive_update:${ann.id},${path}`, "Cancel");
    },
  ],
  ...(["made", "cancelled"] as const).map((what): Row => [
    `a child job that is ${what}`,
    "INFO",
    async (s) => {
      const [ann, agent, queue] = [await s.client(), await s.client({ role: "agent" }), s.name("queue")];
      const headers = { authorization: `Bearer ${agent.access}`, cookie: "agent_name=rpi" };
      const path = `/v1/job/${await s.job(ann, { job_queue: queue })}/children`;
      await s.send("GET", `/v1/job?queue=${queue}`, headers);
      const answer = await s.send("POST", path, headers, { job_queue: queue });
      if (what === "made") return made(answer, `sensitive_create:${agent.id},${path}`, "child of a running job");
      const action = `${path}/${((await answer.json()) as { job_id: string }).job_id}/action`;
      const cancelled = await s.send("POST", action, headers, { action: "cancel" });
      return made(cancelled, `sensitive_update:${agent.id},${action}`, "Cancel a child");
    },
  ]),
  [
    "a job that is cancelled on its page",
    "INFO",
    async (s) => {
      const browser = s.browser();
      await s.signIn(browser, "emil");
      const job = crypto.randomUUID();
      const definition = { job_queue: "q", exclude_agents: [] };
      const [createdAt, submitter] = [s.clock.now(), "emil@example.com"];
      await s.store.jobs.submit({ id: job, createdAt, submitter, priority: 0, definition });
      const path = `/jobs/${job}/cancel`;
      return made(await browser.post(path), `sensitive_update:emil@example.com,${path}`, "Cancels a job");
    },
  ],
  [
    "attachments that have arrived",
    "INFO",
    async (s) => {
      const ann = await s.client();
      const path = `/v1/job/${await s.job(ann, { test_data: { attachments: [{ agent: "a" }] } })}/attachments`;
      return made(await s.as(ann, "POST", path, archive()), `upload_complete:${ann.id},${path}`);
    },
  ],
];
