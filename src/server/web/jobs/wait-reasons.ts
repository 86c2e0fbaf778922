import type { Agent } from "../../store/agents.ts";
import type { Job } from "../../store/jobs.ts";
import { percentiles } from "../../queues/percentiles.ts";
import { brief } from "../parts/time.tsx";

/** What decides when a waiting job gets an agent. */
export interface WaitCircumstances {
  readonly job: Pick<Job, "definition" | "attachments">;
  /** Jobs ahead in the queue. */
  readonly position: number;
  /** Agents that serve the queue. */
  readonly agents: readonly Agent[];
  /** Seconds that earlier jobs of the queue waited. */
  readonly waits: readonly number[];
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;

const isOut = ({ state }: Agent): boolean => state === "offline" || state === "maintenance";

/** Why a job waits, the most important first, in whole sentences. */
export function waitReasons({ job, position, agents, waits }: WaitCircumstances): string[] {
  const { job_queue: queue, exclude_agents: excluded = [] } = job.definition;
  const allowed = agents.filter(({ name }) => !excluded.includes(name));
  return [
    ...(job.attachments === "waiting" ? ["Its attachments have not been uploaded yet; no agent gets it before."] : []),
    position === 0 ? "It is the next job of its queue." : `${count(position, "job is", "jobs are")} ahead of it.`,
    agentReason(queue, agents, allowed),
    ...typicalWait(waits),
  ];
}

function agentReason(queue: string, agents: readonly Agent[], allowed: readonly Agent[]): string {
  if (agents.length === 0) return `No agent serves the queue ${queue}.`;
  if (allowed.length === 0) return "It excludes all agents that serve its queue.";
  const out = allowed.filter(isOut).length,
    idle = allowed.filter(({ state }) => state === "waiting").length,
    busy = allowed.length - out - idle;
  if (out === allowed.length)
    return `${count(out, "agent that could take it is", "agents that could take it are all")} offline or in maintenance.`;
  return `Of ${count(allowed.length, "agent", "agents")} that could take it ${idle} ${idle === 1 ? "is" : "are"} free, ${busy} at work and ${out} offline or in maintenance.`;
}

function typicalWait(waits: readonly number[]): string[] {
  const median = percentiles(waits)["50"];
  return median === undefined ? [] : [`Half of the earlier jobs of this queue waited ${brief(median)} or less.`];
}
