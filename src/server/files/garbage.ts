/** Bytes of a file between two collections. */
export const COLLECTION_INTERVAL = 16 * 2 ** 20;

/**
 * The same pieces of a file, with garbage collected every 16 MiB. Each piece is copied several times outside the heap of the engine, which does not
 * count those copies as its own: left alone, one upload holds up to 150 MiB of them. A collection takes some milliseconds.
 */
export async function* collectingGarbage(
  pieces: AsyncIterable<Uint8Array>,
  collect: () => void = () => Bun.gc(true),
): AsyncGenerator<Uint8Array> {
  let passed = 0;
  for await (const piece of pieces) {
    passed += piece.length;
    if (passed >= COLLECTION_INTERVAL) {
      passed = 0;
      collect();
    }
    yield piece;
  }
}
