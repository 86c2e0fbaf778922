import { Problem } from "../../http/problem.ts";

const DAY = 86_400_000;

/** Whole days, UTC. */
export interface DateRange {
  /** `YYYY-MM-DD`. */
  readonly start: string;
  readonly stop: string;
  /** Midnight at which the first day begins. */
  readonly from: Date;
  /** Midnight at which the last day ends. */
  readonly until: Date;
}

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/** Midnight at the start of a day that a query parameter names; undefined when it is absent or empty. */
export function dayIn(parameters: URLSearchParams, name: string): Date | undefined {
  const text = parameters.get(name);
  if (text === null || text === "") return undefined;
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : "");
  if (Number.isNaN(date.getTime()) || dayOf(date) !== text)
    throw new Problem(400, `'${name}' must be a date such as ${dayOf(new Date(0))}, not '${text}'.`);
  return date;
}

/** The day after. */
export const nextDay = (date: Date): Date => new Date(date.getTime() + DAY);

/** `start` and `stop` of the query (web section 3.3): by default the last two days and today. */
export function dateRange(parameters: URLSearchParams, now: Date): DateRange {
  const today = new Date(`${dayOf(now)}T00:00:00Z`);
  const start = dayIn(parameters, "start") ?? new Date(today.getTime() - 2 * DAY);
  const stop = dayIn(parameters, "stop") ?? today;
  return { start: dayOf(start), stop: dayOf(stop), from: start, until: nextDay(stop) };
}
