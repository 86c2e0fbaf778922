import type { AgentService, ListedAgent } from "../../agents/service.ts";
import type { ProvisionAttempt } from "../../store/agents.ts";
import type { JobOverview, JobSummary, QueueDepth } from "../../store/jobs.ts";
import type { Store } from "../../store/store.ts";
import type { DateRange } from "../parts/date-range.ts";

/** What the page of an agent tells. */
export interface AgentDetail {
  readonly agent: ListedAgent;
  /** The job that it works on. */
  readonly job: JobSummary | null;
  /** Its newest jobs. */
  readonly jobs: readonly JobOverview[];
  readonly queues: readonly {
    readonly name: string;
    readonly depth: QueueDepth;
    readonly description: string;
    readonly restrictedTo: readonly string[];
  }[];
  /** Provision attempts in the range, newest first. */
  readonly attempts: readonly ProvisionAttempt[];
  /** Its last lines. */
  readonly log: readonly string[];
}

const JOBS_SHOWN = 10;
const NO_JOBS: QueueDepth = { waiting: 0, running: 0 };

export interface AgentDetailSource {
  readonly agents: Pick<AgentService, "find">;
  readonly store: Pick<Store, "agents" | "jobs" | "queues">;
}

/** Null for an unknown agent. */
export async function agentDetail(
  { agents, store }: AgentDetailSource,
  name: string,
  { from, until }: DateRange,
): Promise<AgentDetail | null> {
  const agent = await agents.find(name);
  if (!agent) return null;
  const queues = agent.queues ?? [];
  const [job, { jobs }, depths, advertised, attempts, log] = await Promise.all([
    agent.job_id ? store.jobs.summary(agent.job_id) : null,
    store.jobs.page({ agent: name }, { limit: JOBS_SHOWN }),
    store.jobs.depths(queues),
    store.queues.advertised(),
    store.agents.provisionHistory(name),
    store.agents.log(name),
  ]);
  return {
    agent,
    job,
    jobs,
    queues: queues.map((queue) => ({
      name: queue,
      depth: depths.get(queue) ?? NO_JOBS,
      description: advertised[queue] ?? "",
      restrictedTo: agent.restrictedTo[queue] ?? [],
    })),
    attempts: attempts.filter(({ timestamp }) => timestamp >= from && timestamp < until),
    log,
  };
}
