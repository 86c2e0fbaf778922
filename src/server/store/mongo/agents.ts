import type { ObjectId } from "mongodb";
import type { Agent, AgentReport, AgentStore, ProvisionAttempt } from "../agents.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";
import { upserting } from "./errors.ts";
import { Lookups } from "./lookups.ts";

/** An agent as the reference keeps it (data section 3.4). */
export interface AgentDocument extends AgentReport {
  readonly _id: ObjectId;
  readonly name: string;
  readonly updated_at?: Date;
  readonly log?: string[];
  readonly provision_streak_type?: "pass" | "fail";
  readonly provision_streak_count?: number;
}

interface ProvisionEntry {
  readonly job_id: string;
  readonly exit_code: number;
  readonly detail?: string;
  readonly timestamp: Date;
}

/** An agent's provision history as the reference keeps it, with the newest entry's fields repeated (data section 3.7). */
export interface ProvisionLogDocument extends Partial<ProvisionEntry> {
  readonly _id: ObjectId;
  readonly name: string;
  readonly provision_log: ProvisionEntry[];
}

/** Log lines and provision attempts that are kept. */
const KEPT = 100;

const REPORTED = ["identifier", "job_id", "location", "provision_type", "state", "comment", "queues"] as const;

function agentOf(document: AgentDocument): Agent {
  const { provision_streak_type: type, provision_streak_count: count = 0 } = document;
  return present({
    name: document.name,
    updatedAt: document.updated_at ?? document._id.getTimestamp(),
    ...Object.fromEntries(REPORTED.map((field) => [field, document[field] ?? undefined])),
    provisionStreak: type && { type, count },
  });
}

export class MongoAgentStore implements AgentStore {
  readonly #agents: Collections["agents"];
  readonly #lookups: Lookups<AgentDocument>;
  readonly #provisionLogs: Collections["provisionLogs"];

  constructor({ agents, provisionLogs }: Collections, patience: number) {
    this.#lookups = new Lookups(agents, "name", { projection: { log: 0 }, patience });
    this.#agents = agents;
    this.#provisionLogs = provisionLogs;
  }

  async report(name: string, report: AgentReport, log: readonly string[], now: Date): Promise<void> {
    await upserting(() =>
      this.#agents.updateOne(
        { name },
        { $set: { ...report, updated_at: now }, $push: { log: { $each: [...log], $slice: -KEPT } } },
        { upsert: true },
      ),
    );
  }

  async find(name: string): Promise<Agent | null> {
    const document = await this.#lookups.one(name);
    return document && agentOf(document);
  }

  list(): Promise<Agent[]> {
    return this.#agents
      .find({}, { projection: { log: 0 }, sort: { name: 1 } })
      .map(agentOf)
      .toArray();
  }

  inQueue(queue: string): Promise<Agent[]> {
    return this.#agents
      .find({ queues: queue }, { projection: { log: 0 }, sort: { name: 1 } })
      .map(agentOf)
      .toArray();
  }

  async servesQueue(queue: string, excluded: readonly string[] = []): Promise<boolean> {
    return (
      (await this.#agents.findOne({ queues: queue, name: { $nin: excluded } }, { projection: { _id: 1 } })) !== null
    );
  }

  async log(name: string): Promise<string[]> {
    const document = await this.#agents.findOne({ name }, { projection: { log: { $slice: -KEPT } } });
    return document?.log ?? [];
  }

  async recordProvision(name: string, { jobId, exitCode, detail, timestamp }: ProvisionAttempt): Promise<boolean> {
    const type = exitCode === 0 ? "pass" : "fail";
    const counted = { $cond: [{ $eq: ["$provision_streak_type", type] }, { $add: ["$provision_streak_count", 1] }, 1] };
    const { matchedCount } = await this.#agents.updateOne({ name }, [
      { $set: { provision_streak_type: type, provision_streak_count: counted } },
    ]);
    if (matchedCount === 0) return false;
    const entry = present({ job_id: jobId, exit_code: exitCode, detail, timestamp });
    await upserting(() =>
      this.#provisionLogs.updateOne(
        { name },
        {
          $set: entry,
          ...(detail === undefined ? { $unset: { detail: "" } } : {}),
          $push: { provision_log: { $each: [entry], $slice: -KEPT } },
        },
        { upsert: true },
      ),
    );
    return true;
  }

  async provisionHistory(name: string): Promise<ProvisionAttempt[]> {
    const document = await this.#provisionLogs.findOne({ name });
    return (document?.provision_log ?? [])
      .map(({ job_id, exit_code, detail, timestamp }) =>
        present({ jobId: job_id, exitCode: Number(exit_code), detail: detail ?? undefined, timestamp }),
      )
      .reverse();
  }
}
