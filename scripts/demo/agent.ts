import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { isTerminal } from "../../src/shared/phases.ts";
import type { AgentApi, Job } from "./agent-api.ts";
import { runShell } from "./shell.ts";

export interface AgentOptions {
  readonly api: AgentApi;
  readonly name: string;
  readonly queues: readonly string[];
  /** Folder in which each job gets one of its own. */
  readonly workshop: string;
  readonly env: Record<string, string | undefined>;
  /** Ends the agent and the job it runs. */
  readonly signal: AbortSignal;
  readonly onJob: (jobId: string) => void;
}

/** Milliseconds between two looks at whether a running job was cancelled. */
const CANCEL_CHECK = 1000;

/**
 * An agent without a device: it takes the jobs of its queues one after another and really runs their test commands in a shell on this machine.
 *
 * @throws whatever keeps it from reaching the server; returns when `signal` asks it to stop
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { api, name, queues, signal, onJob } = options;
  try {
    for (;;) {
      await api.introduce(name, "waiting", queues);
      const job = await api.nextJob(queues);
      if (!job) continue;
      onJob(job.job_id);
      await api.introduce(name, "test", queues);
      await runJob(job, options);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The phases of a machine that needs no provisioning: setup says where the job runs, test runs it. */
async function runJob({ job_id: id, test_data: test }: Job, { api, name, workshop, env, signal }: AgentOptions) {
  const folder = await mkdtemp(join(workshop, "job-"));
  let fragment = 0;
  try {
    await api.report(id, { job_state: "setup" });
    await api.log(id, fragment++, "setup", `${name} runs this job in ${folder}\n`);
    await api.report(id, { status: { setup: 0 }, job_state: "test" });
    const cancelled = watchForCancel(api, id);
    try {
      const status = await runShell(
        test?.test_cmds ?? "",
        {
          cwd: folder,
          env: { ...env, HOME: folder, AGENT_NAME: name },
          signal: AbortSignal.any([signal, cancelled.signal]),
        },
        (text) => api.log(id, fragment++, "test", text),
      );
      await api.report(id, { status: { setup: 0, test: status }, job_state: "complete" });
    } finally {
      cancelled.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function watchForCancel(api: AgentApi, jobId: string) {
  const cancelled = new AbortController();
  const look = async () => {
    if (isTerminal(await api.state(jobId))) cancelled.abort();
  };
  // A server that does not answer is noticed by the next report of the job's progress.
  const timer = setInterval(() => void look().catch(() => {}), CANCEL_CHECK);
  return { signal: cancelled.signal, stop: () => clearInterval(timer) };
}
