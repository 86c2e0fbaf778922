import type { LogType } from "../../../shared/phases.ts";
import type { LogFragment, LogQuery, LogStore } from "../../store/logs.ts";
import { latest, type Line, LineCutter } from "./lines.ts";

/** Lines of a log that are shown at once. */
export interface LogWindow {
  /** In order. */
  readonly lines: readonly Line[];
  /** Where what comes after the window begins, if the window reaches the end of the log: the number of the next fragment. */
  readonly next?: number;
}

/** Characters that are read for a window at most, so that a log without line ends does not fill the memory. */
const BUDGET = 1_000_000;

/** Fragments read at first; more each time, since nobody knows how long they are. */
const FIRST_BATCH = 4;
const LARGEST_BATCH = 64;

/** Opens logs of any length at any place: what is not shown is not read. */
export class LogWindows {
  constructor(private readonly logs: LogStore) {}

  /** The last lines, of the whole log or of the fragments with numbers in `[from, before)`. */
  async tail(
    jobId: string,
    type: LogType,
    limit: number,
    { from, before }: { from?: number; before?: number } = {},
  ): Promise<LogWindow> {
    const fragments: LogFragment[] = [];
    let lineEnds = 0,
      characters = 0;
    for await (const batch of this.backwards({ jobId, type, from, before })) {
      fragments.unshift(...batch);
      for (const { data } of batch) {
        characters += data.length;
        lineEnds += data.split("\n").length - 1;
      }
      if (lineEnds > limit || characters > BUDGET) break;
    }
    const first = fragments[0],
      last = fragments.at(-1);
    if (!first || !last) return { lines: [], next: 0 };
    const { lines: linesBefore } = await this.logs.extent(jobId, type, first.number);
    const cutter = new LineCutter(linesBefore + 1);
    const lines = latest(fragments.flatMap(({ data }) => cutter.add(data)));
    return { lines: lines.slice(-limit), next: last.number + 1 };
  }

  /** At most `limit` lines from a line on. */
  async from(jobId: string, type: LogType, line: number, limit: number): Promise<LogWindow> {
    const place = line <= 1 ? { number: undefined, linesBefore: 0 } : await this.logs.afterLines(jobId, type, line - 1);
    if (!place) return { lines: [] };
    const cutter = new LineCutter(place.linesBefore + 1);
    const end = line + limit;
    let lines: Line[] = [],
      characters = 0;
    for await (const batch of this.forwards(jobId, type, place.number)) {
      const cut = batch.flatMap(({ data }) => cutter.add(data)).filter(({ number }) => number >= line);
      lines = latest([...lines, ...cut]);
      characters += batch.reduce((total, { data }) => total + data.length, 0);
      const reached = lines.at(-1)?.number ?? 0;
      if (reached >= end || characters > BUDGET) return { lines: lines.filter(({ number }) => number < end) };
    }
    return { lines };
  }

  /** A cutter that has read everything before a fragment, as far as the line goes that is still open there. */
  async cutterAt(jobId: string, type: LogType, fragment: number): Promise<LineCutter> {
    const { lines } = await this.logs.extent(jobId, type, fragment);
    const cutter = new LineCutter(lines + 1);
    const open: string[] = [];
    let characters = 0;
    for await (const batch of this.backwards({ jobId, type, before: fragment })) {
      const text = batch.map(({ data }) => data).join("");
      open.unshift(text.slice(text.lastIndexOf("\n") + 1));
      characters += text.length;
      if (text.includes("\n") || characters > BUDGET) break;
    }
    cutter.add(open.join(""));
    return cutter;
  }

  private async *backwards(query: LogQuery): AsyncGenerator<LogFragment[]> {
    let { before } = query;
    for (let limit = FIRST_BATCH; ; limit = Math.min(limit * 2, LARGEST_BATCH)) {
      const batch = await this.logs.read({ ...query, before, limit, keep: "last" });
      if (batch.length > 0) yield batch;
      if (batch.length < limit) return;
      before = batch[0]?.number;
    }
  }

  private async *forwards(jobId: string, type: LogType, from: number | undefined): AsyncGenerator<LogFragment[]> {
    for (let limit = FIRST_BATCH; ; limit = Math.min(limit * 2, LARGEST_BATCH)) {
      const batch = await this.logs.read({ jobId, type, from, limit });
      if (batch.length > 0) yield batch;
      if (batch.length < limit) return;
      from = (batch.at(-1) as LogFragment).number + 1;
    }
  }
}
