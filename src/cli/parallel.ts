/**
 * Works on items side by side, a few at a time.
 * @param limit how many are under way at the same time
 * @returns the results in the order of the items
 * @throws what the work throws first; no further item is begun then
 */
export async function inParallel<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const pending = items.entries();
  let failed = false;
  const workers = Array.from({ length: limit }, async () => {
    for (const [index, item] of pending) {
      if (failed) return;
      results[index] = await work(item);
    }
  });
  try {
    await Promise.all(workers);
  } finally {
    failed = true;
  }
  return results;
}
