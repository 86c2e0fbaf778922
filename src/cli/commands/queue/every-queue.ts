import type { Agent } from "../../api/agents.ts";
import { isRequestFailure } from "../../api/errors.ts";
import type { WaitTimes } from "../../api/queues.ts";
import { byCodePoint } from "../../format/code-points.ts";
import type { Session } from "../../session.ts";

/** A queue that is advertised, or that an agent serves. */
export interface KnownQueue {
  readonly queue: string;
  /** Null when the queue is not advertised. */
  readonly description: string | null;
  /** Names of the agents that serve it. */
  readonly agents: readonly string[];
  /** How many of them wait for a job. */
  readonly available: number;
  /** Seconds that half of its jobs have waited at most; null when none have. */
  readonly median_wait: number | null;
}

/** The fields of a queue, for help. */
export const KNOWN_QUEUE_FIELDS: Readonly<Record<string, string>> = {
  "[].queue": "with --all: name of the queue",
  "[].description": "its description; null when it is not advertised",
  "[].agents": "list of the names of the agents that serve it",
  "[].available": "how many of them wait for a job",
  "[].median_wait": "seconds that half of its jobs have waited at most; null when none have",
};

/**
 * Every queue that the server can be known to have, by name (W44). A job may wait in others, which nobody serves.
 * @throws as the requests
 */
export async function everyQueue({ api }: Pick<Session, "api">): Promise<KnownQueue[]> {
  const [advertised, { value: agents }, waits] = await Promise.all([
    api.agents.queues(),
    api.agents.list(),
    waitTimes(api),
  ]);
  const served = agents.flatMap(queuesOf);
  const names = [...new Set([...Object.keys(advertised.value), ...served])].sort(byCodePoint);
  return names.map((queue) => {
    const serving = agents.filter((agent) => queuesOf(agent).includes(queue));
    return {
      queue,
      description: Object.hasOwn(advertised.value, queue) ? advertised.value[queue]! : null,
      agents: serving.map(({ name = "" }) => name).sort(byCodePoint),
      available: serving.filter(({ state }) => state === "waiting").length,
      median_wait: (Object.hasOwn(waits, queue) ? waits[queue]?.["50"] : undefined) ?? null,
    };
  });
}

/** The queues are worth showing without them. */
async function waitTimes(api: Session["api"]): Promise<Readonly<Record<string, WaitTimes>>> {
  try {
    return await api.queues.waitTimes();
  } catch (error) {
    if (!isRequestFailure(error)) throw error;
    return {};
  }
}

const queuesOf = ({ queues }: Agent): readonly string[] => (Array.isArray(queues) ? queues : []);
