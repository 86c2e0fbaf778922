import { $ } from "bun";
import { readFile } from "node:fs/promises";

/** Memory of a process in bytes, as the kernel counts it: what is in RAM, shared pages of its executable included. */
export async function residentMemory(pid: number): Promise<number> {
  // Minimal containers have no ps.
  if (process.platform !== "linux") return Number(await $`ps -o rss= -p ${pid}`.text()) * 1024;
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
