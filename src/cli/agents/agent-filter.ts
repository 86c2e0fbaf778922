import type { Agent } from "../api/agents.ts";

export interface AgentFilter {
  readonly states: ReadonlySet<string> | undefined;
  /** By the agent's field; all must match. */
  readonly fields: Readonly<Record<string, RegExp | undefined>>;
  readonly queues: RegExp | undefined;
}

/** Does an agent pass all filters? A missing field counts as empty; no queues match no filter (section 10.6). */
export function matches(agent: Agent, { states, fields, queues }: AgentFilter): boolean {
  if (states && !states.has(String(agent.state))) return false;
  if (queues && !(Array.isArray(agent.queues) && agent.queues.some((queue) => queues.test(String(queue)))))
    return false;
  return Object.entries(fields).every(([name, pattern]) => !pattern || pattern.test(String(agent[name] ?? "")));
}
