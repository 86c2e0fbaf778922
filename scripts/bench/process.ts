import { readFile } from "node:fs/promises";

/** What the kernel knows of a process. Linux only. */
export interface ProcessFigures {
  /** Resident memory in MiB. */
  memory(): Promise<number>;
  /** CPU time that it has used, in seconds; of all its threads. */
  cpu(): Promise<number>;
}

/** Clock ticks per second in /proc, the same on every Linux. */
const TICKS = 100;

export const processFigures = (pid: number): ProcessFigures => ({
  async memory() {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  },
  async cpu() {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // The second field is the name in brackets, which may have blanks; user and system time are the 14th and the 15th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS;
  },
});
