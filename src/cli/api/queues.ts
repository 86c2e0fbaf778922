import { type Agent, isAgent } from "./agents.ts";
import { path, query } from "./path.ts";
import type { Requester } from "./requester.ts";
import { anyObject, arrayOf, isObject } from "./shapes.ts";

export interface QueuedJob {
  readonly job_id?: string;
  readonly job_state?: string;
  /** A date as text, or `{ "$date": text }` from servers on MongoDB. */
  readonly created_at?: unknown;
  readonly [field: string]: unknown;
}

/** Percentile (`5`, `10`, `50`, `90`, `95`) to seconds of waiting. */
export type WaitTimes = Readonly<Record<string, number>>;

/** Requests about queues (server-api sections 6.25 to 6.27). */
export class Queues {
  constructor(private readonly requester: Requester) {}

  /** 404: unknown queue. 204: nobody listens. */
  agents(queue: string): Promise<Agent[]> {
    return this.requester.getJson(path`/v1/queues/${queue}/agents`, arrayOf(isAgent));
  }

  /** 204: no job. */
  jobs(queue: string): Promise<QueuedJob[]> {
    return this.requester.getJson(path`/v1/queues/${queue}/jobs`, arrayOf(anyObject<QueuedJob>()));
  }

  /** Of the named queues that have any, or of all. */
  waitTimes(queues: readonly string[] = []): Promise<Record<string, WaitTimes>> {
    const parameters = query(queues.map((queue) => ["queue", queue] as const));
    return this.requester.getJson(path`/v1/queues/wait_times` + parameters, isWaitTimes);
  }
}

const isWaitTimes = (value: unknown): value is Record<string, WaitTimes> =>
  isObject(value) && Object.values(value).every(isObject);
