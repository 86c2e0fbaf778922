import type { Document } from "mongodb";
import type { Attempts, AttemptStore } from "../attempts.ts";
import type { Collections } from "./collections.ts";
import { isInserted, upserting } from "./errors.ts";
import { Lookups } from "./lookups.ts";

/** A counter of tries; unknown to the reference. */
export interface AttemptDocument {
  readonly _id: string;
  readonly count: number;
  readonly window_ends_at: Date;
}

const attemptsOf = ({ count, window_ends_at }: AttemptDocument): Attempts => ({ count, windowEndsAt: window_ends_at });

/** A further try in the window that is open, or the first of a new one. */
function oneMore(now: Date, window: number): Document[] {
  const isOpen = { $gt: ["$window_ends_at", now] };
  return [
    {
      $set: {
        count: { $cond: [isOpen, { $add: ["$count", 1] }, 1] },
        window_ends_at: { $cond: [isOpen, "$window_ends_at", new Date(now.getTime() + window)] },
      },
    },
  ];
}

export class MongoAttemptStore implements AttemptStore {
  readonly #attempts: Collections["attempts"];

  readonly #lookups: Lookups<AttemptDocument>;

  constructor({ attempts }: Collections, patience: number) {
    this.#attempts = attempts;
    this.#lookups = new Lookups(attempts, "_id", { patience });
  }

  count(keys: readonly string[], now: Date, window: number): Promise<Attempts[]> {
    return Promise.all(keys.map((key) => this.#count(key, now, window)));
  }

  async find(keys: readonly string[], now: Date): Promise<(Attempts | null)[]> {
    const documents = await Promise.all(keys.map((key) => this.#lookups.one(key)));
    return documents.map((document) => (document && document.window_ends_at > now ? attemptsOf(document) : null));
  }

  async take(key: string, limit: number, now: Date, window: number): Promise<Attempts | null> {
    const hasRoom = { _id: key, $or: [{ count: { $lt: limit } }, { window_ends_at: { $lte: now } }] };
    const one = oneMore(now, window);
    const document = await this.#attempts.findOneAndUpdate(hasRoom, one, { returnDocument: "after" });
    if (document) return attemptsOf(document);
    const first = { _id: key, count: 1, window_ends_at: new Date(now.getTime() + window) };
    if (await isInserted(this.#attempts.insertOne(first))) return attemptsOf(first);
    // It is full, unless somebody else has only just made it.
    const late = await this.#attempts.findOneAndUpdate(hasRoom, one, { returnDocument: "after" });
    return late && attemptsOf(late);
  }

  async giveBack(key: string, windowEndsAt: Date): Promise<void> {
    await this.#attempts.updateOne(
      { _id: key, window_ends_at: windowEndsAt, count: { $gt: 0 } },
      { $inc: { count: -1 } },
    );
  }

  async #count(key: string, now: Date, window: number): Promise<Attempts> {
    const document = await upserting(() =>
      this.#attempts.findOneAndUpdate({ _id: key }, oneMore(now, window), { upsert: true, returnDocument: "after" }),
    );
    return attemptsOf(document as AttemptDocument);
  }
}
