import type { JobDefinition } from "../../src/shared/job/definition.ts";
import type { NewJob } from "../../src/server/store/jobs.ts";
import type { LogFragment } from "../../src/server/store/logs.ts";

/** The time at which the tests begin. */
export const START = new Date("2026-03-04T05:06:07.089Z");

/** So many seconds after the start. */
export const at = (seconds: number): Date => new Date(START.getTime() + seconds * 1000);
export const DAY = 86_400;

/** A job as a caller hands it to the store: queue `q`, priority 0, submitted at the start, unless told otherwise. */
export function newJob({
  definition,
  ...given
}: Partial<Omit<NewJob, "definition">> & { definition?: Partial<JobDefinition> } = {}): NewJob {
  const priority = given.priority ?? definition?.job_priority ?? 0;
  return {
    id: crypto.randomUUID(),
    createdAt: START,
    ...given,
    priority,
    definition: { job_queue: "q", exclude_agents: [], ...definition },
  };
}

/** A job with this definition's queue. */
export const jobIn = (queue: string, given: Parameters<typeof newJob>[0] = {}): NewJob =>
  newJob({ ...given, definition: { ...given.definition, job_queue: queue } });

export const fragment = (given: Partial<LogFragment> = {}): LogFragment => ({
  jobId: "job",
  type: "output",
  phase: "test",
  number: 0,
  timestamp: START,
  data: "line\n",
  ...given,
});

/** Runs `count` calls at once. */
export const atOnce = <T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => call(index)));
