import type { Document, ObjectId } from "mongodb";
import type { QueueStore } from "../queues.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";
import { Lookups } from "./lookups.ts";

/** Its presence restricts the queue; the owners are the clients whose `allowed_queues` name it (data section 3.8). */
export interface RestrictedQueueDocument {
  readonly _id: ObjectId;
  readonly queue_name: string;
}

type Restrictions = Pick<
  QueueStore,
  "restricted" | "owners" | "isRestricted" | "restrictions" | "restrict" | "removeOwner" | "setRestricted"
>;

/**
 * Restriction and ownership are documents of two collections. Their changes come in an order that lets nobody in when it is
 * cut short: a queue gets its owner before it is restricted and loses its owners before it is opened.
 */
export class MongoRestrictions implements Restrictions {
  readonly #restricted: Collections["restrictedQueues"];
  readonly #clients: Collections["clients"];
  readonly #marks: Lookups<RestrictedQueueDocument>;

  constructor({ restrictedQueues, clients }: Collections, patience: number) {
    this.#restricted = restrictedQueues;
    this.#clients = clients;
    this.#marks = new Lookups(restrictedQueues, "queue_name", { patience });
  }

  async restricted(): Promise<{ queue: string; owners: string[] }[]> {
    return [...(await this.#ownersByQueue({}))].map(([queue, owners]) => ({ queue, owners }));
  }

  async owners(queue: string): Promise<string[] | null> {
    return (await this.restrictions([queue])).get(queue) ?? null;
  }

  async isRestricted(queue: string): Promise<boolean> {
    return (await this.#marks.one(queue)) !== null;
  }

  async restrictions(queues: readonly string[]): Promise<Map<string, string[]>> {
    const marks = (await Promise.all(queues.map((queue) => this.#marks.one(queue)))).filter((mark) => mark !== null);
    // Few queues are restricted: owners are looked for where there are some.
    return marks.length === 0
      ? new Map()
      : this.#ownersByQueue({ queue_name: { $in: marks.map(({ queue_name }) => queue_name) } });
  }

  async restrict(queue: string, owner: string): Promise<void> {
    await this.#clients.updateOne({ client_id: owner }, { $addToSet: { allowed_queues: queue } });
    await this.#mark(queue);
  }

  async removeOwner(queue: string, owner: string): Promise<boolean> {
    if ((await this.#restricted.findOne({ queue_name: queue }, { projection: { _id: 1 } })) === null) return false;
    await this.#clients.updateOne({ client_id: owner }, { $pull: { allowed_queues: queue } });
    if (await this.#isOwned(queue)) return true;
    await this.#restricted.deleteMany({ queue_name: queue });
    // Somebody may have become its owner meanwhile, and found the queue restricted.
    if (await this.#isOwned(queue)) await this.#mark(queue);
    return true;
  }

  async setRestricted(queue: string, restricted: boolean): Promise<void> {
    if (restricted) return this.#mark(queue);
    await this.#clients.updateMany({ allowed_queues: queue }, { $pull: { allowed_queues: queue } });
    await this.#restricted.deleteMany({ queue_name: queue });
  }

  async #mark(queue: string): Promise<void> {
    await upserting(() =>
      this.#restricted.updateOne({ queue_name: queue }, { $setOnInsert: { queue_name: queue } }, { upsert: true }),
    );
  }

  async #isOwned(queue: string): Promise<boolean> {
    return (await this.#clients.findOne({ allowed_queues: queue }, { projection: { _id: 1 } })) !== null;
  }

  async #ownersByQueue(filter: Document): Promise<Map<string, string[]>> {
    const found = this.#restricted.aggregate<{ queue_name: string; owners: { client_id: string }[] }>([
      { $match: filter },
      { $sort: { queue_name: 1 } },
      {
        $lookup: {
          from: this.#clients.collectionName,
          localField: "queue_name",
          foreignField: "allowed_queues",
          as: "owners",
        },
      },
      { $project: { queue_name: 1, "owners.client_id": 1 } },
    ]);
    const restrictions = new Map<string, string[]>();
    for await (const { queue_name, owners } of found)
      restrictions.set(queue_name, owners.map(({ client_id }) => client_id).sort());
    return restrictions;
  }
}
