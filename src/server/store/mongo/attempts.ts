import type { Document } from "mongodb";
import type { Attempts, AttemptStore } from "../attempts.ts";
import type { Collections } from "./collections.ts";
import { isInserted, upserting } from "./errors.ts";

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

  constructor({ attempts }: Collections) {
    this.#attempts = attempts;
  }

  count(keys: readonly string[], now: Date, window: number): Promise<Attempts[]> {
    return Promise.all(keys.map((key) => this.#count(key, now, window)));
  }

  async find(keys: readonly string[], now: Date): Promise<(Attempts | null)[]> {
    const documents = await this.#attempts.find({ _id: { $in: [...keys] }, window_ends_at: { $gt: now } }).toArray();
    const byKey = new Map(documents.map((document) => [document._id, attemptsOf(document)]));
    return keys.map((key) => byKey.get(key) ?? null);
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
