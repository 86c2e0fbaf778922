import { type Collection, type IndexDescriptionInfo, MongoServerError } from "mongodb";
import { StoreUnavailable } from "../store.ts";
import type { Collections } from "./collections.ts";
import { isDuplicateKey, translated } from "./errors.ts";
import { INDEXES, type IndexSpec } from "./indexes.ts";

const INDEX_NOT_FOUND = 27;
const NAMESPACE_NOT_FOUND = 26;

export interface IndexReport {
  /** What could not be done, in sentences. */
  readonly warnings: readonly string[];
  /** Collections without their unique index: keys may be there several times. */
  readonly repeating: ReadonlySet<keyof Collections>;
}

type Indexed = Pick<Collection, "collectionName" | "indexes" | "createIndex" | "dropIndex">;

/**
 * Creates the indexes that are missing and drops the TTL indexes of the reference, which would remove jobs that still run and logs
 * of jobs that are still kept. With a database that only lacks an index the server can work.
 */
export async function ensureIndexes(collections: Collections): Promise<IndexReport> {
  const names = Object.keys(INDEXES) as (keyof Collections)[];
  const reports = await Promise.all(
    names.map(async (name) => ({ name, ...(await ensure(collections[name] as unknown as Indexed, INDEXES[name])) })),
  );
  return {
    warnings: reports.flatMap(({ warnings }) => warnings),
    repeating: new Set(reports.filter(({ repeats }) => repeats).map(({ name }) => name)),
  };
}

async function ensure(
  collection: Indexed,
  specs: readonly IndexSpec[],
): Promise<{ warnings: string[]; repeats: boolean }> {
  const warnings: string[] = [];
  let repeats = false;
  const existing = await indexesOf(collection);
  const names = new Set(existing.map(({ name }) => name));
  for (const { name, expireAfterSeconds } of existing) {
    if (expireAfterSeconds === undefined) continue;
    const reason = await refusal(drop(collection, name!));
    if (reason)
      warnings.push(
        `MongoDB will go on to remove documents of ${collection.collectionName} by its index ${name}, which cannot be dropped: ${reason.message}`,
      );
  }
  for (const spec of specs) {
    if (existing.some((index) => isSame(index, spec))) continue;
    const reason = await refusal(collection.createIndex(spec.key, { ...spec.options, name: nameOf(spec) }));
    if (reason && spec.options?.unique) repeats = true;
    if (reason && isDuplicateKey(reason) && spec.options?.unique) {
      warnings.push(duplicates(collection, spec, reason));
      await refusal(collection.createIndex(spec.key, { name: substituteOf(spec) }));
    } else if (reason) {
      warnings.push(`MongoDB refuses the index ${nameOf(spec)} on ${collection.collectionName}: ${reason.message}`);
    } else if (names.has(substituteOf(spec))) {
      await drop(collection, substituteOf(spec));
    }
  }
  return { warnings, repeats };
}

async function indexesOf(collection: Indexed): Promise<IndexDescriptionInfo[]> {
  try {
    return await collection.indexes();
  } catch (error) {
    if (error instanceof MongoServerError && error.code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

const isSame = ({ name, key, unique = false }: IndexDescriptionInfo, spec: IndexSpec): boolean =>
  name === nameOf(spec) &&
  JSON.stringify(key) === JSON.stringify(spec.key) &&
  unique === (spec.options?.unique ?? false);

/** Another process may have dropped it. */
async function drop(collection: Indexed, name: string): Promise<void> {
  const reason = await refusal(collection.dropIndex(name));
  if (reason && reason.code !== INDEX_NOT_FOUND) throw reason;
}

/** Why the database refuses, if it does. */
async function refusal(request: Promise<unknown>): Promise<MongoServerError | undefined> {
  try {
    await request;
    return undefined;
  } catch (error) {
    if (error instanceof MongoServerError && !(translated(error) instanceof StoreUnavailable)) return error;
    throw error;
  }
}

const nameOf = ({ key, options }: IndexSpec): string => options?.name ?? defaultNameOf(key);

/** As drivers name an index: its keys and their directions. */
const defaultNameOf = (key: IndexSpec["key"]): string => Object.entries(key).flat().join("_");

/** What stands in for a unique index that duplicates forbid, until they are gone. */
const substituteOf = (spec: IndexSpec): string => `${defaultNameOf(spec.key)}_not_unique`;

function duplicates(collection: Indexed, { key }: IndexSpec, { keyValue }: MongoServerError): string {
  const fields = Object.keys(key).join(", ");
  const example = keyValue ? `, for example ${JSON.stringify(keyValue)}` : "";
  return `The MongoDB collection ${collection.collectionName} holds several documents with the same ${fields}${example}. Until all but one of them are removed and the server is started again, further ones can come into being.`;
}
