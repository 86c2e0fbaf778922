/** A value that is here already, or comes later. */
export type Soon<T> = T | Promise<T>;

/**
 * Goes on with a value as soon as it is here. `await` would also wait for what is here already: ten such waits on the way of a request take as long
 * as all the checks between them.
 */
export const whenHere = <T, Result>(value: Soon<T>, next: (value: T) => Soon<Result>): Soon<Result> =>
  value instanceof Promise ? value.then(next) : next(value);

/** The same for work that may fail, now or later. */
export function attempt<T, Result>(
  work: () => Soon<T>,
  next: (value: T) => Result,
  recover: (fault: unknown) => Result,
): Soon<Result> {
  let value: Soon<T>;
  try {
    value = work();
  } catch (fault) {
    return recover(fault);
  }
  return value instanceof Promise ? value.then(next, recover) : next(value);
}
