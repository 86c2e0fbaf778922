import {
  MongoClientClosedError,
  MongoError,
  MongoNetworkError,
  MongoNotConnectedError,
  MongoOperationTimeoutError,
  MongoServerClosedError,
  MongoServerError,
  MongoServerSelectionError,
  MongoTopologyClosedError,
} from "mongodb";
import { StoreUnavailable } from "../store.ts";

const UNREACHABLE = [
  MongoServerSelectionError,
  MongoNetworkError,
  MongoOperationTimeoutError,
  MongoNotConnectedError,
  MongoServerClosedError,
  MongoTopologyClosedError,
  MongoClientClosedError,
];
/** Classes of the connection pool, which the driver does not export. */
const POOL_ERRORS = ["MongoPoolClosedError", "MongoWaitQueueTimeoutError"];
const AUTHENTICATION_FAILED = 18;
const DUPLICATE_KEY = 11000;

export const isDuplicateKey = (error: unknown): error is MongoServerError =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

function isUnreachable(error: MongoError): boolean {
  if (UNREACHABLE.some((type) => error instanceof type) || POOL_ERRORS.includes(error.name)) return true;
  // The server answers, but steps down, shuts down or has no primary.
  return error instanceof MongoServerError && error.hasErrorLabel("RetryableWriteError");
}

/** What a caller of the store gets to see of a driver's error: `StoreUnavailable` where the database cannot be worked with. */
export function translated(error: unknown): unknown {
  if (!(error instanceof MongoError)) return error;
  if (error.code === AUTHENTICATION_FAILED) {
    return new StoreUnavailable(
      "MongoDB refuses the login: check the user name, the password and the authSource of the connection",
    );
  }
  return isUnreachable(error)
    ? new StoreUnavailable(`MongoDB does not answer: ${error.message}`, { cause: error })
    : error;
}

/** The same object, its methods throwing translated errors. */
export const translating = <Part extends object>(part: Part): Part =>
  new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...values: unknown[]) => {
        try {
          return await member.apply(target, values);
        } catch (error) {
          throw translated(error);
        }
      };
    },
  });

/** False if the insertion met a unique index. */
export async function isInserted(insertion: Promise<unknown>): Promise<boolean> {
  try {
    await insertion;
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}

/** Two upserts of one key may both try to insert; the one that loses finds the document on its second try and updates it. */
export async function upserting<Result>(upsert: () => Promise<Result>): Promise<Result> {
  try {
    return await upsert();
  } catch (error) {
    if (isDuplicateKey(error)) return upsert();
    throw error;
  }
}
