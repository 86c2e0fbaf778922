import type { Attempts, AttemptStore } from "../attempts.ts";
import type { Collections } from "./collections.ts";
import { upserting } from "./errors.ts";

/** A counter of tries; unknown to the reference. */
export interface AttemptDocument {
  readonly _id: string;
  readonly count: number;
  readonly window_ends_at: Date;
}

const attemptsOf = ({ count, window_ends_at }: AttemptDocument): Attempts => ({ count, windowEndsAt: window_ends_at });

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

  async #count(key: string, now: Date, window: number): Promise<Attempts> {
    const isOpen = { $gt: ["$window_ends_at", now] };
    const document = await upserting(() =>
      this.#attempts.findOneAndUpdate(
        { _id: key },
        [
          {
            $set: {
              count: { $cond: [isOpen, { $add: ["$count", 1] }, 1] },
              window_ends_at: { $cond: [isOpen, "$window_ends_at", new Date(now.getTime() + window)] },
            },
          },
        ],
        { upsert: true, returnDocument: "after" },
      ),
    );
    return attemptsOf(document as AttemptDocument);
  }
}
