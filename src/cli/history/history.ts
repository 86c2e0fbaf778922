import { readFile } from "node:fs/promises";
import type { Clock } from "../context.ts";
import { replaceFile } from "../files/atomic.ts";
import { withLock } from "../files/lock.ts";
import { fileReason } from "../files/reason.ts";
import { type Json, type JsonObject, Float } from "../format/json-value.ts";
import { parse, stringify } from "../format/python-json.ts";
import type { Log } from "../log.ts";

/** A job that was submitted from here. */
export interface SubmittedJob {
  readonly id: string;
  readonly queue: string;
  /** Undefined in a file that someone else has damaged. */
  readonly submittedAt: Date | undefined;
  /** The last state that was seen; `unknown` at first. */
  readonly state: string;
}

/**
 * The last jobs submitted from here, shared with the reference client and with every other process of this one. It is a
 * convenience: a file that cannot be read or written is reported on stderr, and the command goes on (W37).
 */
export class JobHistory {
  constructor(
    private readonly path: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Oldest first. */
  async jobs(): Promise<SubmittedJob[]> {
    const entries = await this.read();
    return [...entries].map(([id, entry]) => submittedJob(id, entry));
  }

  /**
   * Remembers a job that was accepted just now; the oldest ones make room.
   * @param length how many jobs are kept
   */
  async add(id: string, queue: string, length: number): Promise<void> {
    const entry = new Map<string, Json>([
      ["queue", queue],
      ["submission_time", this.clock.now().getTime() / 1000],
      ["job_state", "unknown"],
    ]);
    await this.change((entries) => {
      entries.delete(id);
      entries.set(id, entry);
      const surplus = Math.max(0, entries.size - length);
      for (const oldest of [...entries.keys()].slice(0, surplus)) entries.delete(oldest);
      return true;
    });
  }

  /** Notes the states of those jobs, id to state, that the history knows. Writes only when something changed. */
  async setStates(states: readonly (readonly [id: string, state: string])[]): Promise<void> {
    const edit = (entries: Map<string, JsonObject>) => {
      let changed = false;
      for (const [id, state] of states) {
        const entry = entries.get(id);
        if (!entry || entry.get("job_state") === state) continue;
        entry.set("job_state", state);
        changed = true;
      }
      return changed;
    };
    // Most looks at a job tell nothing new, and a lock costs more than a look.
    if (edit(await this.read())) await this.change(edit);
  }

  setState(id: string, state: string): Promise<void> {
    return this.setStates([[id, state]]);
  }

  /** Reads, changes and writes while no other process does; `edit` says whether there is something to write. */
  private async change(edit: (entries: Map<string, JsonObject>) => boolean): Promise<void> {
    try {
      await withLock(
        this.path,
        async () => {
          const entries = await this.read();
          if (edit(entries)) await replaceFile(this.path, stringify(entries));
        },
        { clock: this.clock },
      );
    } catch (error) {
      this.log.warning("history", `Cannot update the job history ${this.path}: ${fileReason(error)}`);
    }
  }

  private async read(): Promise<Map<string, JsonObject>> {
    try {
      return entriesOf(parse(await readFile(this.path, "utf8")));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") {
        this.log.error(
          "history",
          `Cannot read the job history ${this.path}, going on without it: ${fileReason(error)}`,
        );
      }
      return new Map();
    }
  }
}

/** The jobs of the file's object; the empty list that the reference takes for none is accepted too. */
function entriesOf(content: Json): Map<string, JsonObject> {
  if (Array.isArray(content) && content.length === 0) return new Map();
  if (!(content instanceof Map)) throw new Error("it is not a JSON object");
  const entries = [...content].filter((entry): entry is [string, JsonObject] => entry[1] instanceof Map);
  return new Map(entries);
}

function submittedJob(id: string, entry: JsonObject): SubmittedJob {
  const seconds = entry.get("submission_time");
  const time = seconds instanceof Float ? seconds.value : seconds;
  const submittedAt = new Date(typeof time === "number" ? time * 1000 : Number.NaN);
  return {
    id,
    queue: textOf(entry.get("queue")),
    submittedAt: Number.isNaN(submittedAt.getTime()) ? undefined : submittedAt,
    state: textOf(entry.get("job_state")),
  };
}

const textOf = (value: Json | undefined): string => (typeof value === "string" ? value : "unknown");
