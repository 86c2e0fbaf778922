import { mkdir, open, realpath, rename, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/**
 * Gives `path` the content `text` in one step: a reader, or a crash half-way, sees the old file or the new one and never
 * a part. A missing folder is created for its owner only; a symbolic link keeps pointing where it did, and its target is
 * what changes.
 *
 * @param mode permission bits of the new file, whatever the old one had; the default keeps secrets to their owner (W10)
 * @throws the file system's error (`EACCES`, `EROFS`, `ENOSPC` …), with nothing changed
 */
export async function replaceFile(path: string, text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const target = await realpath(path).catch(() => path);
  const draft = join(dirname(target), `.${basename(target)}.${crypto.randomUUID()}.tmp`);
  const file = await open(draft, "wx", mode);
  try {
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, target);
  } catch (error) {
    await unlink(draft).catch(() => undefined);
    throw error;
  }
}
