/** The values of several sources as they come, until all of them have ended. A source is asked for its next value once the last one is taken. */
export async function* merge<T>(...sources: AsyncGenerator<T>[]): AsyncGenerator<T> {
  const ask = async (source: AsyncGenerator<T>) => ({ source, result: await source.next() });
  const asked = new Map(sources.map((source) => [source, ask(source)]));
  try {
    while (asked.size > 0) {
      const { source, result } = await Promise.race(asked.values());
      if (result.done) {
        asked.delete(source);
        continue;
      }
      yield result.value;
      asked.set(source, ask(source));
    }
  } finally {
    // Not awaited: a source that waits for something ends when it has come.
    for (const source of asked.keys()) source.return(undefined).catch(() => {});
  }
}
