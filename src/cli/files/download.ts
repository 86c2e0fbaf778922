import { type FileHandle, open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CliError } from "../errors.ts";

/** Bytes of a file, and where in it they are; at 0 the file begins, perhaps anew. */
export interface Piece {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * Stores what arrives under `path`, in one step: until everything is there, the old file stays, so that a broken
 * download is never taken for a whole one (W35). Devices and pipes are written to directly. Nothing is touched before the
 * first piece is there.
 * @throws the file system's error, or that of `pieces`; nothing half-written is left
 */
export async function saveDownload(path: string, pieces: AsyncIterable<Piece>): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing && !existing.isFile()) return writeThrough(target, pieces);
  const draft = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.part`);
  const source = pieces[Symbol.asyncIterator]();
  try {
    await writeDraft(draft, source, await source.next());
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  } finally {
    await source.return?.();
  }
}

async function writeDraft(draft: string, source: AsyncIterator<Piece>, first: IteratorResult<Piece>): Promise<void> {
  await using file = await open(draft, "wx");
  for (let next = first; !next.done; next = await source.next()) {
    const { position, bytes } = next.value;
    if (position === 0) await file.truncate();
    await writeAt(file, position, bytes);
  }
}

async function writeAt(file: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function writeThrough(path: string, pieces: AsyncIterable<Piece>): Promise<void> {
  await using file = await open(path, "w");
  for await (const bytes of inOrder(pieces)) await file.writeFile(bytes);
}

/**
 * The bytes of a file for those who cannot take back what they have passed on: each byte once. Where the file begins
 * anew, what was passed on already must come again.
 * @throws {CliError} when it does not, and what `pieces` throws
 */
export async function* inOrder(pieces: AsyncIterable<Piece>): AsyncGenerator<Uint8Array, void, undefined> {
  const passed = new Bun.CryptoHasher("sha256");
  let length = 0;
  /** What comes again of that, up to now; undefined when there is nothing to compare. */
  let again: Bun.CryptoHasher | undefined;
  const compare = () => {
    if (again && again.digest("hex") !== passed.copy().digest("hex"))
      throw new CliError("The file was replaced by another one while it was downloaded. Start again.");
    again = undefined;
  };
  for await (const { position, bytes } of pieces) {
    if (position === 0 && length > 0) again = new Bun.CryptoHasher("sha256");
    const known = bytes.subarray(0, Math.max(0, length - position));
    const fresh = bytes.subarray(known.length);
    again?.update(known);
    if (fresh.length === 0) continue;
    compare();
    passed.update(fresh);
    length += fresh.length;
    yield fresh;
  }
  compare();
}
