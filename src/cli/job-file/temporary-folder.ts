import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../context.ts";

/** Gives `work` a folder that only this user can enter, and removes it with all it holds when the work has ended. */
export async function inTemporaryFolder<T>(env: Context["env"], work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(env.TMPDIR || tmpdir(), "testflinger-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
