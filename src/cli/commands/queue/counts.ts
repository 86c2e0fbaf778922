import type { Agent } from "../../api/agents.ts";
import type { QueuedJob } from "../../api/queues.ts";
import type { Output } from "../../context.ts";
import { byCodePoint } from "../../format/code-points.ts";
import { textTable } from "../../output/table.ts";

/** How many agents and jobs of a queue are in which state. */
export interface Counts {
  readonly queue: string;
  readonly agents_by_state: Readonly<Record<string, number>>;
  readonly jobs_by_state: Readonly<Record<string, number>>;
}

/** Nothing is lumped together: an agent in maintenance is not busy, a cancelled job counts too (W46). */
export const countsOf = (queue: string, agents: readonly Agent[], jobs: readonly QueuedJob[]): Counts => ({
  queue,
  agents_by_state: tally(agents.map(({ state }) => state)),
  jobs_by_state: tally(jobs.map(({ job_state: state }) => state)),
});

function tally(states: readonly (string | undefined)[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const state of states) counts.set(state ?? "unknown", (counts.get(state ?? "unknown") ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => byCodePoint(a, b)));
}

export const countTable = ({ agents_by_state: agents, jobs_by_state: jobs }: Counts, stdout: Output): string =>
  textTable(
    ["", "STATE", "COUNT"],
    [
      ...Object.entries(agents).map((entry) => ["agents", ...entry]),
      ...Object.entries(jobs).map((entry) => ["jobs", ...entry]),
    ],
    stdout,
  );
