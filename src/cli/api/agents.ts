import type { JsonDocument } from "./decode.ts";
import { path } from "./path.ts";
import type { Requester } from "./requester.ts";
import { anyObject, arrayOf, isTextRecord } from "./shapes.ts";

/** An agent as it reported itself; any field may be missing. */
export interface Agent {
  readonly name?: string;
  readonly state?: string;
  readonly queues?: readonly string[];
  readonly location?: string;
  readonly provision_type?: string;
  readonly job_id?: string;
  readonly comment?: string;
  readonly [field: string]: unknown;
}

export const isAgent = anyObject<Agent>();

/** Requests about agents and what they advertise (server-api sections 6.17 to 6.24). */
export class Agents {
  constructor(private readonly requester: Requester) {}

  list(): Promise<JsonDocument<Agent[]>> {
    return this.requester.getDocument(path`/v1/agents/data`, arrayOf(isAgent));
  }

  /** 404: unknown agent. */
  get(name: string): Promise<JsonDocument<Agent>> {
    return this.requester.getDocument(path`/v1/agents/data/${name}`, isAgent);
  }

  async setState(name: string, state: { state: string; comment: string }): Promise<void> {
    await this.requester.send("POST", path`/v1/agents/data/${name}`, state);
  }

  /** Advertised queues and their descriptions. */
  queues(): Promise<JsonDocument<Record<string, string>>> {
    return this.requester.getDocument(path`/v1/agents/queues`, isTextRecord);
  }

  /** Advertised images of a queue: name to a line of provision data such as `url: http://…`. */
  images(queue: string): Promise<Record<string, string>> {
    return this.requester.getJson(path`/v1/agents/images/${queue}`, isTextRecord);
  }
}
