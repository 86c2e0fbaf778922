import type { ObjectId } from "mongodb";
import { holdersFor, type PatternHolder, withHolders } from "../pattern-holders.ts";
import type { QueueStore } from "../queues.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";
import { Lookups } from "./lookups.ts";

/** Its presence restricts the queue; the owners are the clients whose `allowed_queues` name it (data section 3.8). */
export interface RestrictedQueueDocument {
  readonly _id: ObjectId;
  readonly queue_name: string;
  /** How often somebody was made an owner; unknown to the reference. */
  readonly grants?: number;
}

type Restrictions = Pick<
  QueueStore,
  "restricted" | "owners" | "isRestricted" | "restrictions" | "restrict" | "removeOwner" | "setRestricted"
>;

/**
 * Restriction and ownership are documents of two collections, as in the reference. Their changes come in an order that opens no restricted queue when
 * it is cut short: a queue gets its owner before it is restricted, and it is opened after it has lost its last owner and only if nobody was made one
 * since that was looked at.
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
    const marks = await this.#restricted.find({}, { projection: { queue_name: 1 }, sort: { queue_name: 1 } }).toArray();
    const owners = await this.#ownersOf(marks);
    return [...owners].map(([queue, owners]) => ({ queue, owners }));
  }

  async owners(queue: string): Promise<string[] | null> {
    return (await this.restrictions([queue])).get(queue) ?? null;
  }

  async isRestricted(queue: string): Promise<boolean> {
    return (await this.#marks.one(queue)) !== null;
  }

  async restrictions(queues: readonly string[]): Promise<Map<string, string[]>> {
    const marks = (await Promise.all(queues.map((queue) => this.#marks.one(queue)))).filter((mark) => mark !== null);
    return this.#ownersOf(marks);
  }

  async restrict(queue: string, owner: string): Promise<boolean> {
    const { matchedCount } = await this.#clients.updateOne(
      { client_id: owner },
      { $addToSet: { allowed_queues: queue } },
    );
    if (matchedCount === 0) return false;
    await this.#mark(queue);
    return true;
  }

  async removeOwner(queue: string, owner: string): Promise<boolean> {
    let mark = await this.#restricted.findOne({ queue_name: queue });
    if (mark === null) return false;
    await this.#clients.updateOne({ client_id: owner }, { $pull: { allowed_queues: queue } });
    // Again when somebody has become an owner meanwhile; databases of the reference may hold several marks of one queue.
    while (mark !== null && !(await this.#isOwned(queue))) {
      await this.#restricted.deleteOne({ _id: mark._id, grants: mark.grants ?? { $exists: false } });
      mark = await this.#restricted.findOne({ queue_name: queue });
    }
    return true;
  }

  async setRestricted(queue: string, restricted: boolean): Promise<void> {
    if (restricted) return this.#mark(queue);
    await this.#clients.updateMany({ allowed_queues: queue }, { $pull: { allowed_queues: queue } });
    await this.#restricted.deleteMany({ queue_name: queue });
  }

  async #mark(queue: string): Promise<void> {
    await upserting(() => this.#restricted.updateOne({ queue_name: queue }, { $inc: { grants: 1 } }, { upsert: true }));
  }

  async #isOwned(queue: string): Promise<boolean> {
    const isNamed = (await this.#clients.findOne({ allowed_queues: queue }, { projection: { _id: 1 } })) !== null;
    return isNamed || holdersFor(queue, await this.#patternHolders()).length > 0;
  }

  /** By the order of the marks. */
  async #ownersOf(marks: readonly Pick<RestrictedQueueDocument, "queue_name">[]): Promise<Map<string, string[]>> {
    // Few queues are restricted: owners are looked for where there are some.
    if (marks.length === 0) return new Map();
    const queues = marks.map(({ queue_name }) => queue_name);
    const [named, holders] = await Promise.all([
      this.#clients
        .find({ allowed_queues: { $in: queues } }, { projection: { client_id: 1, allowed_queues: 1 } })
        .toArray(),
      this.#patternHolders(),
    ]);
    const owners = new Map<string, string[]>(queues.map((queue) => [queue, []]));
    for (const { client_id, allowed_queues = [] } of named)
      for (const queue of new Set(allowed_queues)) owners.get(queue)?.push(client_id);
    for (const of of owners.values()) of.sort();
    return withHolders(owners, holders);
  }

  async #patternHolders(): Promise<PatternHolder[]> {
    const holders = await this.#clients
      .find({ allowed_queue_patterns: { $gt: "" } }, { projection: { client_id: 1, allowed_queue_patterns: 1 } })
      .toArray();
    return holders.map(({ client_id: id, allowed_queue_patterns: patterns = [] }) => ({ id, patterns }));
  }
}
