import type { JobFilter } from "../../store/jobs.ts";
import { dayIn, nextDay } from "../parts/date-range.ts";

/** Fields of the query that narrow the list, by their names in the URL. */
export const TEXT_FIELDS = ["queue", "tag", "submitter", "agent"] as const;

/** The filters that a URL asks for; those that are empty count as absent, as an empty field of a form does. */
export function filterOf(parameters: URLSearchParams): JobFilter {
  const text = (name: string): string | undefined => parameters.get(name) || undefined;
  const until = dayIn(parameters, "until");
  return {
    states: parameters.getAll("state").filter((state) => state !== ""),
    queue: text("queue"),
    tag: text("tag"),
    submitter: text("submitter"),
    agent: text("agent"),
    since: dayIn(parameters, "since"),
    // The day that is named is part of the range.
    until: until && nextDay(until),
    text: text("search"),
  };
}

/** The query with other values of some parameters; null takes one away. */
export function queryWith(parameters: URLSearchParams, changes: Readonly<Record<string, string | null>>): string {
  const changed = new URLSearchParams([...parameters].filter(([, value]) => value !== ""));
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) changed.delete(name);
    else changed.set(name, value);
  }
  const query = changed.toString();
  return query === "" ? "" : `?${query}`;
}
