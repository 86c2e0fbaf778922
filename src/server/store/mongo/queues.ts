import type { Filter, ObjectId } from "mongodb";
import type { QueueStore } from "../queues.ts";
import { Batches } from "./batches.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";
import { MongoRestrictions } from "./restrictions.ts";

/** A queue as the reference keeps it (data section 3.5); one that has only images lacks the rest. */
export interface QueueDocument {
  readonly _id: ObjectId;
  readonly name: string;
  readonly description?: string;
  readonly updated_at?: Date;
  readonly images?: Record<string, string>;
}

/** Wait times as the reference keeps them (data section 3.6), where they grow for ever. */
export interface WaitTimesDocument {
  readonly _id: ObjectId;
  readonly name: string;
  readonly wait_times: number[];
}

const SAMPLES_KEPT = 1000;
/** Milliseconds for which wait times are gathered: statistics, which nobody waits for. */
const WAITS_GATHERED = 50;

/** How long a job of the queue waited. */
interface Wait {
  readonly queue: string;
  readonly seconds: number;
}

export class MongoQueueStore extends MongoRestrictions implements QueueStore {
  readonly #queues: Collections["queues"];
  readonly #waitTimes: Collections["waitTimes"];
  readonly #waits: Batches<Wait, void>;
  readonly #noting = new Set<Promise<void>>();

  constructor(collections: Collections, patience: number) {
    super(collections, patience);
    this.#queues = collections.queues;
    this.#waitTimes = collections.waitTimes;
    this.#waits = new Batches({ run: (waits) => this.#recordWaits(waits), gathering: WAITS_GATHERED, patience });
  }

  async advertise(queues: Readonly<Record<string, string>>, now: Date): Promise<void> {
    await this.#setEach(queues, (description) => ({ description, updated_at: now }));
  }

  async advertised(): Promise<Record<string, string>> {
    // Of several documents of one name (databases of the reference) the one advertised last comes last and counts.
    const documents = this.#queues.find(
      {},
      { projection: { name: 1, description: 1 }, sort: { name: 1, updated_at: 1 } },
    );
    return Object.fromEntries(await documents.map(({ name, description }) => [name, description ?? ""]).toArray());
  }

  async setImages(images: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
    await this.#setEach(images, (byName) => ({ images: byName }));
  }

  async images(queue: string): Promise<Record<string, string>> {
    const document = await this.#queues.findOne(
      { name: queue, images: { $exists: true } },
      { projection: { images: 1 } },
    );
    return document?.images ?? {};
  }

  async recordWait(queue: string, seconds: number): Promise<void> {
    const noted = this.#waits.do({ queue, seconds });
    this.#noting.add(noted);
    try {
      await noted;
    } finally {
      this.#noting.delete(noted);
    }
  }

  async waitTimes(queues?: readonly string[]): Promise<Map<string, number[]>> {
    // Whoever reads after a job was taken finds it counted, as in the reference.
    await Promise.allSettled(this.#noting);
    const filter: Filter<WaitTimesDocument> = queues ? { name: { $in: queues } } : {};
    // Sliced by the database: an array of the reference may fill a document of 16 MiB.
    const documents = this.#waitTimes.find(filter, {
      projection: { name: 1, wait_times: { $slice: -SAMPLES_KEPT } },
      sort: { name: 1 },
    });
    const samples = new Map<string, number[]>();
    for await (const { name, wait_times } of documents) {
      samples.set(name, [...(samples.get(name) ?? []), ...wait_times.map(Number)].slice(-SAMPLES_KEPT));
    }
    return samples;
  }

  async #recordWaits(waits: readonly Wait[]): Promise<void[]> {
    const byQueue = Map.groupBy(waits, ({ queue }) => queue);
    await Promise.all(
      [...byQueue].map(([name, samples]) => {
        const $each = samples.map(({ seconds }) => seconds);
        return upserting(() =>
          this.#waitTimes.updateOne(
            { name },
            { $push: { wait_times: { $each, $slice: -SAMPLES_KEPT } } },
            { upsert: true },
          ),
        );
      }),
    );
    return waits.map(() => undefined);
  }

  /** All documents of a name, where a database of the reference holds several. */
  async #setEach<Value>(
    byQueue: Readonly<Record<string, Value>>,
    fieldsOf: (value: Value) => Partial<QueueDocument>,
  ): Promise<void> {
    await Promise.all(
      Object.entries(byQueue).map(([name, value]) =>
        upserting(() => this.#queues.updateMany({ name }, { $set: fieldsOf(value) }, { upsert: true })),
      ),
    );
  }
}
