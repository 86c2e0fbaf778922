import { type Phase, PHASES } from "../../shared/phases.ts";
import type { Reader } from "../grammar/command.ts";
import { invalidChoice } from "../grammar/parse.ts";
import { ValueError } from "../grammar/values.ts";

/** States of an agent that takes or runs jobs, in the order of a job's life. */
export const ONLINE_STATES = ["waiting", ...PHASES] as const satisfies readonly ("waiting" | Phase)[];
/** States of an agent that takes no jobs. */
export const OFFLINE_STATES = ["offline", "maintenance"] as const;

const ALL_STATES: readonly string[] = [...ONLINE_STATES, ...OFFLINE_STATES];
const ITEMS: readonly string[] = ["online", "offline", "maintenance", ...ONLINE_STATES];

/** What an item of the filter stands for: itself, or the group that it names. */
const GROUPS: Readonly<Record<string, readonly string[]>> = { online: ONLINE_STATES, offline: OFFLINE_STATES };

const expand = (items: readonly string[]) => items.flatMap((item) => GROUPS[item] ?? [item]);

/**
 * Reads a comma list of states, `^` in front of those to leave out, into the set of states that pass (command-line
 * section 10.6). Without a state to let in, all pass but those left out.
 */
export const statusFilter: Reader<ReadonlySet<string>> = (text) => {
  const items = text.split(",").map((item) => item.trim());
  for (const item of items) {
    const state = item.replace(/^\^/, "");
    if (!ITEMS.includes(state)) throw new ValueError(invalidChoice(state, ITEMS));
  }
  const excluded = items.filter((item) => item.startsWith("^")).map((item) => item.slice(1));
  const included = items.filter((item) => !item.startsWith("^"));
  const passing = new Set(included.length > 0 ? expand(included) : ALL_STATES);
  for (const state of expand(excluded)) passing.delete(state);
  return passing;
};
