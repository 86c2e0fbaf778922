import { type Agent, isAgent } from "./agents.ts";
import type { JsonDocument } from "./decode.ts";
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

export interface RestrictedQueue {
  readonly queue?: string;
  readonly owners?: readonly string[];
}

/** Requests about queues (server-api sections 6.25 to 6.27, 6.31 to 6.34). */
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

  restricted(): Promise<JsonDocument<RestrictedQueue[]>> {
    return this.requester.getDocument(path`/v1/restricted-queues`, arrayOf(anyObject<RestrictedQueue>()));
  }

  /** Restricts a queue to its owners and makes a client one of them. */
  async addOwner(queue: string, clientId: string): Promise<void> {
    await this.requester.send("POST", path`/v1/restricted-queues/${queue}`, { client_id: clientId });
  }

  async removeOwner(queue: string, clientId: string): Promise<void> {
    await this.requester.send("DELETE", path`/v1/restricted-queues/${queue}`, { client_id: clientId });
  }
}

const isWaitTimes = (value: unknown): value is Record<string, WaitTimes> =>
  isObject(value) && Object.values(value).every(isObject);
