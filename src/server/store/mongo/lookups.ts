import type { Collection, Document, Filter } from "mongodb";
import { Batches } from "./batches.ts";

export interface LookupsOptions {
  /** What is read of a document; the key must be among it. */
  projection?: Document;
  /** Most keys of one query. */
  most?: number;
  /** Milliseconds after which the next query no longer waits for one that has not ended. */
  patience: number;
}

/** Reads documents by their key; those that are asked for at the same time, with one query. */
export class Lookups<Schema extends Document> {
  readonly #batches: Batches<string, Schema[]>;

  constructor(
    collection: Pick<Collection<Schema>, "find">,
    key: keyof Schema & string,
    { projection = {}, most, patience }: LookupsOptions,
  ) {
    this.#batches = new Batches({
      patience,
      ...(most === undefined ? {} : { most }),
      run: async (values) => {
        const filter = { [key]: { $in: [...new Set(values)] } } as Filter<Schema>;
        const found = (await collection.find(filter, { projection }).toArray()) as Schema[];
        const byKey = Map.groupBy(found, (document) => document[key] as string);
        return values.map((value) => byKey.get(value) ?? []);
      },
    });
  }

  /** The documents with this key: more than one only in databases of the reference, which lacks the unique index. */
  all(value: string): Promise<Schema[]> {
    return this.#batches.do(value);
  }

  async one(value: string): Promise<Schema | null> {
    return (await this.all(value))[0] ?? null;
  }
}
