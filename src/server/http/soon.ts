/** A value that is here already, or comes later. */
export type Soon<T> = T | Promise<T>;

/**
 * Goes on with a value as soon as it is here. `await` would also wait for what is here already: ten such waits on the way of a request take as long
 * as all the checks between them.
 */
export const whenHere = <T, Result>(value: Soon<T>, next: (value: T) => Soon<Result>): Soon<Result> =>
  value instanceof Promise ? value.then(next) : next(value);

/** Puts something else in the place of a fault, whether it is thrown now or later. */
export function recovered<T>(work: () => Soon<T>, recover: (fault: unknown) => T): Soon<T> {
  try {
    const value = work();
    return value instanceof Promise ? value.catch(recover) : value;
  } catch (fault) {
    return recover(fault);
  }
}
