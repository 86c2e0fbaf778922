/** Size of the chunks in which files are kept: that of GridFS. */
export const CHUNK_BYTES = 255 * 1024;

/**
 * Cuts a stream of bytes into chunks of 255 KiB, the last one shorter. A chunk is valid until the next one is asked for; pieces are copied,
 * since a source may use its buffer again.
 */
export async function* inChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const piece of content) {
    for (let start = 0; start < piece.length;) {
      const part = piece.subarray(start, start + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.length;
      start += part.length;
      if (filled === CHUNK_BYTES) {
        yield chunk;
        filled = 0;
      }
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}
