import type { Agent } from "../api/agents.ts";
import { heading, type Layout } from "./agent-table.ts";
import { OFFLINE_STATES, ONLINE_STATES } from "./status-filter.ts";

/** How many agents are in which state; states without agents are left out (command-line section 10.6). */
export function agentSummary(agents: readonly Agent[], layout: Pick<Layout, "bold">): string {
  const group = (title: string, states: readonly string[]) => {
    const counts = states.map((state) => [state, agents.filter((agent) => agent.state === state).length] as const);
    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const rows = counts.filter(([, count]) => count > 0).map(([state, count]) => `  ${state.padEnd(16)}${count}`);
    return [`${title.padEnd(26)}${total}`, ...rows];
  };
  const header = ["STATE".padEnd(16), "COUNT".padEnd(6), "TOTAL".padEnd(6)].map((title) => heading(title, layout));
  const lines = [header.join("  "), ...group("Online:", ONLINE_STATES), ...group("Offline:", OFFLINE_STATES)];
  return lines.map((line) => `${line}\n`).join("");
}
