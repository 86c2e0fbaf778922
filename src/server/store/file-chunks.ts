import type { ByteRange } from "./files.ts";

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

/** A chunk of a growing file, and how long the file is with it. */
export interface GrowingChunk {
  readonly n: number;
  readonly data: Uint8Array;
  readonly received: number;
}

/**
 * The chunks of a file that grows by `content`, from the one in which `offset` lies: `tail` is what that one holds already. Ends early at `length` bytes of the
 * whole. Where the source fails, all that arrived comes before its error.
 */
export async function* grown(
  content: AsyncIterable<Uint8Array>,
  { offset, length, tail }: { offset: number; length: number; tail: Uint8Array },
): AsyncGenerator<GrowingChunk> {
  let failure: { error: unknown } | undefined;
  async function* upToFailure() {
    let room = length - offset;
    yield tail;
    try {
      for await (const piece of content) {
        yield piece.subarray(0, room);
        room -= Math.min(piece.length, room);
      }
    } catch (error) {
      failure = { error };
    }
  }
  let received = offset - tail.length;
  for await (const data of inChunks(upToFailure())) {
    const n = Math.floor(received / CHUNK_BYTES);
    received += data.length;
    if (received > offset) yield { n, data, received };
  }
  if (failure) throw failure.error;
}

/** Chunk and bytes in it at which a growing file of so many bytes ends. */
export const endOf = (received: number): { readonly n: number; readonly bytes: number } => ({
  n: Math.floor(received / CHUNK_BYTES),
  bytes: received % CHUNK_BYTES,
});

/** Bytes of a file as a stream that reads the next chunk when it is asked for it; a shortened file must not look like a whole one. */
export function readChunks(
  read: (n: number) => Promise<Uint8Array | undefined>,
  { start, end }: ByteRange,
  chunkBytes = CHUNK_BYTES,
): ReadableStream<Uint8Array> {
  let position = start;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (position >= end) return controller.close();
        const n = Math.floor(position / chunkBytes);
        const chunk = await read(n);
        const piece = chunk?.subarray(position - n * chunkBytes, end - n * chunkBytes);
        if (!piece?.length) throw new Error("The file was replaced or removed while it was read.");
        position += piece.length;
        controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}
