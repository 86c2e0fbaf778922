import { Problem } from "../http/problem.ts";
import type { Agent, AgentReport, ProvisionAttempt } from "../store/agents.ts";
import type { Store } from "../store/store.ts";

export interface AgentServiceOptions {
  store: Pick<Store, "agents" | "queues">;
  now: () => Date;
  /** Something is known of an agent that was not known before; for those who watch them. */
  onReport?: () => void;
}

/** An agent and, of its restricted queues, the clients that are let in. */
export type ListedAgent = Agent & { readonly restrictedTo: Record<string, string[]> };

/** Registration and lists of agents (server-api sections 6.17-6.20 and 6.26). */
export class AgentService {
  constructor(private readonly options: AgentServiceOptions) {}

  async report(name: string, report: AgentReport, log: readonly string[]): Promise<void> {
    await this.options.store.agents.report(name, report, log, this.options.now());
    this.options.onReport?.();
  }

  async find(name: string): Promise<ListedAgent | null> {
    const agent = await this.options.store.agents.find(name);
    return agent && ((await this.withRestrictions([agent]))[0] as ListedAgent);
  }

  async list(): Promise<ListedAgent[]> {
    return this.withRestrictions(await this.options.store.agents.list());
  }

  async inQueue(queue: string): Promise<Agent[]> {
    const agents = await this.options.store.agents.inQueue(queue);
    if (agents.length === 0) throw new Problem(404, `Queue '${queue}' does not exist.`);
    return agents;
  }

  async recordProvision(name: string, attempt: Omit<ProvisionAttempt, "timestamp">): Promise<void> {
    if (!(await this.options.store.agents.recordProvision(name, { ...attempt, timestamp: this.options.now() })))
      throw new Problem(404, "Agent not found\n", { form: "text" });
  }

  private async withRestrictions(agents: readonly Agent[]): Promise<ListedAgent[]> {
    const queues = new Set(agents.flatMap((agent) => agent.queues ?? []));
    const restrictions = queues.size
      ? await this.options.store.queues.restrictions([...queues])
      : new Map<string, string[]>();
    return agents.map((agent) => {
      const own = (agent.queues ?? []).flatMap((queue) => {
        const owners = restrictions.get(queue);
        return owners?.length ? [[queue, owners] as const] : [];
      });
      return { ...agent, restrictedTo: Object.fromEntries(own) };
    });
  }
}
