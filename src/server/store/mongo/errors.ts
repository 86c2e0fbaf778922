import {
  BSON,
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
import { StoreLimitExceeded, StoreUnavailable } from "../store.ts";

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
const MAX_TIME_EXPIRED = 50;
export const DUPLICATE_KEY = 11000;
/** Nested too deep (Overflow), document too large (BSONObjectTooLarge, update, upsert). */
const LIMITS: readonly unknown[] = [15, 10334, 17419, 17420];
const BAD_VALUE = 2;

export const isDuplicateKey = (error: unknown): error is MongoServerError =>
  error instanceof MongoServerError && error.code === DUPLICATE_KEY;

function isUnreachable(error: MongoError): boolean {
  if (UNREACHABLE.some((type) => error instanceof type) || POOL_ERRORS.includes(error.name)) return true;
  // The server answers, but steps down, shuts down, has no primary, or did not get done in time.
  return (
    error instanceof MongoServerError && (error.hasErrorLabel("RetryableWriteError") || error.code === MAX_TIME_EXPIRED)
  );
}

/** MongoDB keeps documents of 16 MiB and 100 levels. The driver itself gives up a little above the first. */
function exceedsLimits(error: unknown): boolean {
  if (error instanceof RangeError) return "code" in error && error.code === "ERR_OUT_OF_RANGE";
  if (!(error instanceof MongoServerError)) return false;
  return LIMITS.includes(error.code) || (error.code === BAD_VALUE && /too large|larger than/.test(error.message));
}

/** What a caller of the store gets to see of an error of the driver. */
export function translated(error: unknown): unknown {
  if (exceedsLimits(error)) {
    return new StoreLimitExceeded(
      "The data is too large for the database, which keeps 16 MiB and 100 levels in one piece",
      {
        cause: error,
      },
    );
  }
  if (error instanceof BSON.BSONError && error.message.includes("null bytes")) {
    return new StoreLimitExceeded("The database keeps no field names that contain NUL", { cause: error });
  }
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

/**
 * The same object, its methods throwing translated errors.
 *
 * @param limit milliseconds after which a method that has not ended throws StoreUnavailable; what it asked for may happen all the same
 */
export const translating = <Part extends object>(part: Part, limit?: number): Part =>
  new Proxy(part, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== "function") return member;
      return async (...values: unknown[]) => {
        try {
          const result = member.apply(target, values);
          return await (limit === undefined ? result : within(limit, result));
        } catch (error) {
          throw translated(error);
        }
      };
    },
  });

/**
 * The result, if it comes in time.
 *
 * @throws StoreUnavailable after `limit` milliseconds
 */
export async function within<Result>(limit: number, result: Promise<Result>): Promise<Result> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new StoreUnavailable(`MongoDB does not answer within ${limit} ms`)), limit);
  try {
    return await Promise.race([result, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
