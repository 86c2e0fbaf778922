import { timestamp } from "../grammar/timestamp.ts";

/** The text of a date from a server: itself, or the `{"$date": text}` of servers on MongoDB (command-line section 4.1). */
export function dateText(value: unknown): string {
  if (typeof value === "string") return value;
  const date = (value as { $date?: unknown } | null | undefined)?.$date;
  return typeof date === "string" ? date : "";
}

export interface WallClock {
  /** `YYYY-MM-DD HH:MM:SS`, as given: not converted to another zone. */
  readonly time: string;
  /** `UTC`, `UTC+02:00`, or empty when the date has no zone. */
  readonly zone: string;
}

/** A date taken apart for display; undefined when the text is none. */
export function wallClock(text: string): WallClock | undefined {
  try {
    const iso = timestamp(text);
    const offset = /[+-]\d{2}:\d{2}(:\d{2})?$/.exec(iso.slice(10))?.[0];
    const zone = offset === undefined ? "" : /^[+-]00:00$/.test(offset) ? "UTC" : `UTC${offset}`;
    return { time: iso.slice(0, 19).replace("T", " "), zone };
  } catch {
    return undefined;
  }
}
