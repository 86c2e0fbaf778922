/** A file too large to be held in memory, as a form to upload. */
export interface LargeFile {
  /** multipart/form-data with the file as its part `file`. */
  readonly form: ReadableStream<Uint8Array>;
  readonly contentType: string;
  /** SHA-256 of the file, in hexadecimal; only after the form was read. */
  digest(): string;
}

const BOUNDARY = "large-file";
const PIECE = 256 * 1024;

/**
 * Bytes that no compression makes smaller, made as they are read.
 *
 * @param cutAfter bytes after which the form breaks off with an error, as if the sender had died
 */
export function largeFile(bytes: number, cutAfter = Number.POSITIVE_INFINITY): LargeFile {
  const hasher = new Bun.CryptoHasher("sha256");
  const noise = crypto.getRandomValues(new Uint8Array(64 * 1024));
  const piece = Buffer.concat(Array.from({ length: PIECE / noise.length }, () => noise));
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="large.tar.gz"\r\n\r\n`;
  const text = new TextEncoder();
  let sent = -1;
  const form = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (sent < 0) {
          sent = 0;
          return controller.enqueue(text.encode(head));
        }
        if (sent >= cutAfter) return controller.error(new Error("the sender has died"));
        if (sent === bytes) {
          controller.enqueue(text.encode(`\r\n--${BOUNDARY}--\r\n`));
          return controller.close();
        }
        // No two pieces are the same: a piece at the wrong place shows.
        const next = Buffer.from(piece.subarray(0, Math.min(PIECE, bytes - sent)));
        next.writeUIntBE(sent, 0, Math.min(6, next.length));
        sent += next.length;
        hasher.update(next);
        controller.enqueue(next);
      },
    },
    { highWaterMark: 0 },
  );
  return {
    form,
    contentType: `multipart/form-data; boundary=${BOUNDARY}`,
    digest: () => hasher.digest("hex"),
  };
}

/** SHA-256 of a body in hexadecimal, read piece by piece. */
export async function digestOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256");
  for await (const bytes of body) hasher.update(bytes);
  return hasher.digest("hex");
}
