import { matches } from "../../shared/text/wildcard.ts";

/** A client whose patterns let it into restricted queues that no record of it names. */
export interface PatternHolder {
  readonly id: string;
  readonly patterns: readonly string[];
}

/** Those whose patterns fit the queue. */
export const holdersFor = (queue: string, holders: readonly PatternHolder[]): string[] =>
  holders.filter(({ patterns }) => patterns.some((pattern) => matches(pattern, queue))).map(({ id }) => id);

/**
 * The owners of each queue: who is named for it, and who has a pattern that fits.
 *
 * @param named queue -> clients, sorted
 */
export const withHolders = (
  named: ReadonlyMap<string, string[]>,
  holders: readonly PatternHolder[],
): Map<string, string[]> =>
  new Map(
    [...named].map(([queue, owners]) => {
      const others = holdersFor(queue, holders);
      return [queue, others.length ? [...new Set([...owners, ...others])].sort() : owners];
    }),
  );
