/** Bytes of a file between two collections. */
export const COLLECTION_INTERVAL = 8 * 2 ** 20;

/**
 * Is told of every piece of a file that passes, and collects garbage now and then. Each piece is copied several times outside the heap of the engine,
 * which does not count those copies as its own: left alone, one transfer holds up to 150 MiB of them. A collection takes some milliseconds.
 */
export function garbageCollection(collect: () => void = () => Bun.gc(true)): (piece: Uint8Array) => void {
  let passed = 0;
  return (piece) => {
    passed += piece.length;
    if (passed < COLLECTION_INTERVAL) return;
    passed = 0;
    collect();
  };
}
