import { isTerminal, LOG_TYPES, type LogType, type Phase } from "../../../shared/phases.ts";
import type { Agent } from "../../store/agents.ts";
import type { Job, StateChange } from "../../store/jobs.ts";
import type { Store } from "../../store/store.ts";
import type { Line } from "../log/lines.ts";
import { type ShownLog, WINDOW, windowStart } from "../log/view.tsx";
import type { LogWindows } from "../log/windows.ts";

/** What the page of a job tells. */
export interface JobDetail {
  readonly job: Job;
  readonly history: readonly StateChange[];
  /** Of a waiting job. */
  readonly queue?: { readonly position: number; readonly agents: readonly Agent[]; readonly waits: readonly number[] };
  readonly logs: Readonly<Record<LogType, ShownLog>>;
  /** The last lines of each phase's output. */
  readonly outputs: ReadonlyMap<Phase, readonly Line[]>;
  /** Bytes of what the job has left; null: nothing. */
  readonly artifact: number | null;
}

export interface JobDetailSource {
  readonly store: Pick<Store, "agents" | "files" | "jobs" | "logs" | "queues">;
  readonly windows: LogWindows;
}

/** Lines of a phase that are shown among its results. */
const PHASE_LINES = 50;

/**
 * Null for an unknown job.
 *
 * @param lines of either log, which the page shows instead of the end
 */
export async function jobDetail(
  { store, windows }: JobDetailSource,
  id: string,
  lines: Readonly<Partial<Record<LogType, number>>>,
): Promise<JobDetail | null> {
  const job = await store.jobs.find(id);
  if (!job) return null;
  const shown = async (type: LogType): Promise<ShownLog> => {
    const [phases, window] = await Promise.all([store.logs.phases(id, type), windowOf(windows, id, type, lines[type])]);
    return { type, phases, window };
  };
  const [history, queue, logs, artifact] = await Promise.all([
    store.jobs.history(id),
    job.state === "waiting" ? placeInQueue(store, job) : undefined,
    Promise.all(LOG_TYPES.map(shown)),
    artifactSize(store, id),
  ]);
  const [output, serial] = logs as [ShownLog, ShownLog];
  return { job, history, queue, logs: { output, serial }, outputs: await outputsOf(windows, id, output), artifact };
}

export const isActive = ({ state }: Pick<Job, "state">): boolean => !isTerminal(state);

const windowOf = (windows: LogWindows, id: string, type: LogType, line: number | undefined) =>
  line === undefined ? windows.tail(id, type, WINDOW) : windows.from(id, type, windowStart(line), WINDOW);

async function placeInQueue({ jobs, agents, queues }: JobDetailSource["store"], job: Job): Promise<JobDetail["queue"]> {
  const queue = job.definition.job_queue;
  const [position, serving, waits] = await Promise.all([
    jobs.position(job.id),
    agents.inQueue(queue),
    queues.waitTimes([queue]),
  ]);
  // An agent has taken it in between.
  return position === null ? undefined : { position, agents: serving, waits: waits.get(queue) ?? [] };
}

async function outputsOf(windows: LogWindows, id: string, { phases }: ShownLog): Promise<Map<Phase, readonly Line[]>> {
  const outputs = phases.map(async ({ phase, from }, index) => {
    const { lines } = await windows.tail(id, "output", PHASE_LINES, { from, before: phases[index + 1]?.from });
    return [phase, lines] as const;
  });
  return new Map(await Promise.all(outputs));
}

async function artifactSize({ files }: JobDetailSource["store"], id: string): Promise<number | null> {
  const file = await files.open(id, "artifact");
  return file && file.length;
}
