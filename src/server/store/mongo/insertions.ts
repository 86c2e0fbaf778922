import {
  BSON,
  type Collection,
  type Document,
  MongoBulkWriteError,
  MongoError,
  MongoServerError,
  type OptionalUnlessRequiredId,
} from "mongodb";
import { Batches } from "./batches.ts";
import { DUPLICATE_KEY, isInserted } from "./errors.ts";

/** Bytes up to which a document shares a command with others: a hundred of them stay far below the 48 MB of a message. */
const SHARED = 256 * 1024;

/** Inserts documents; those that come at the same time, with one command and one wait for the disks of the majority. */
export class Insertions<Schema extends Document> {
  readonly #collection: Pick<Collection<Schema>, "insertOne" | "insertMany">;
  readonly #batches: Batches<OptionalUnlessRequiredId<Schema>, boolean>;

  constructor(collection: Pick<Collection<Schema>, "insertOne" | "insertMany">, patience: number) {
    this.#collection = collection;
    this.#batches = new Batches({ patience, run: (documents) => this.#together(documents) });
  }

  /** False if the document met a unique index. */
  async add(document: OptionalUnlessRequiredId<Schema>): Promise<boolean> {
    return BSON.calculateObjectSize(document) > SHARED ? this.#alone(document) : this.#batches.do(document);
  }

  async #together(documents: readonly OptionalUnlessRequiredId<Schema>[]): Promise<(boolean | Error)[]> {
    const [first, ...others] = documents;
    if (others.length === 0) return [await this.#alone(first!)];
    try {
      await this.#collection.insertMany([...documents], { ordered: false });
      return documents.map(() => true);
    } catch (error) {
      if (error instanceof MongoBulkWriteError) return outcomes(documents.length, error);
      // Of the database or the connection: everybody's. Anything else comes from a document that cannot be written down, before a byte is sent.
      if (error instanceof MongoError) throw error;
      return Promise.all(documents.map((document) => this.#alone(document).catch((reason: Error) => reason)));
    }
  }

  #alone(document: OptionalUnlessRequiredId<Schema>): Promise<boolean> {
    return isInserted(this.#collection.insertOne(document));
  }
}

function outcomes(count: number, error: MongoBulkWriteError): (boolean | Error)[] {
  const refused = [error.writeErrors].flat();
  // Not told of a document: that the majority has what was inserted is not known.
  if (refused.length === 0 || error.result.getWriteConcernError()) throw error;
  const byIndex = new Map(refused.map((refusal) => [refusal.index, refusal]));
  return Array.from({ length: count }, (_, index) => {
    const refusal = byIndex.get(index);
    if (!refusal) return true;
    const { code, errmsg } = refusal;
    return code === DUPLICATE_KEY ? false : new MongoServerError({ code, errmsg });
  });
}
