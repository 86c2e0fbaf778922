/**
 * The bytes of a file from `start` up to and without `end`, a piece at a time and only when the network wants one:
 * archives of several gigabytes must not be held in memory (W23).
 *
 * @param report hears, after each piece, up to which byte of the file all was passed on
 */
export async function* filePieces(
  file: Blob,
  { start, end }: { readonly start: number; readonly end: number },
  report: (sent: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let sent = start;
  for await (const piece of file.slice(start, end).stream()) {
    yield piece;
    sent += piece.length;
    report(sent);
  }
}

/** A stream that takes a piece only when the network wants one. */
export function streamOf(source: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await source.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await source.return(undefined)),
    },
    { highWaterMark: 0 },
  );
}
