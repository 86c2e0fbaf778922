import { open, realpath, rename, stat, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Stores what arrives under `path`, in one step: until everything is there, the old file stays, so that a broken
 * download is never taken for a whole one (W35). Devices and pipes are written to directly.
 * @throws the file system's error, or that of `chunks`; nothing half-written is left
 */
export async function saveDownload(path: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const target = await realpath(path).catch(() => path);
  const existing = await stat(target).catch(() => undefined);
  if (existing && !existing.isFile()) return writeTo(target, "w", chunks);
  const draft = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.part`);
  try {
    await writeTo(draft, "wx", chunks);
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}

async function writeTo(path: string, flags: "w" | "wx", chunks: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, flags);
  for await (const chunk of chunks) await file.writeFile(chunk);
}
