/** What is wrong with a duration, in the reference's words (server-api section 4.4). */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

const SECONDS: Record<string, number> = {
  s: 1,
  sec: 1,
  secs: 1,
  m: 60,
  min: 60,
  mins: 60,
  h: 3600,
  hour: 3600,
  hours: 3600,
  d: 86400,
  day: 86400,
  days: 86400,
};
const UNIT = "s|secs?|m|mins?|h|hours?|d|days?";
const GROUPS = new RegExp(`^(?:\\d+\\s*(?:${UNIT})\\s*)+$`);
const GROUP = new RegExp(`(\\d+)\\s*(${UNIT})`, "g");

/** Characters of a duration at the most. */
const MAX_LENGTH = 1000;

/** Seconds of an integer or of text such as `90`, `2h30m` or `1 day 6 hours`. */
export function parseDuration(value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Number.isInteger(value)) return inRange(value, String(value));
  if (typeof value !== "string")
    throw new DurationError(`Duration must be string or int, got <class '${pythonType(value)}'>`);
  if (value.length > MAX_LENGTH) throw new DurationError(`Duration is longer than ${MAX_LENGTH} characters`);
  const text = value.trim().toLowerCase();
  if (text === "") throw new DurationError("Duration cannot be empty");
  if (text.startsWith("-")) throw new DurationError("Duration cannot be negative");
  if (/^\+?\d+(_\d+)*$/.test(text)) return inRange(Number(text.replaceAll("_", "")), text);
  if (!GROUPS.test(text)) throw new DurationError(`Invalid duration format: '${value}'`);
  const seconds = [...text.matchAll(GROUP)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (SECONDS[unit as string] as number),
    0,
  );
  return inRange(seconds, value);
}

function inRange(seconds: number, text: string): number {
  if (seconds < 0) throw new DurationError("Duration cannot be negative");
  if (!Number.isSafeInteger(seconds)) throw new DurationError(`Duration is too long: '${text}'`);
  return seconds;
}

const pythonType = (value: unknown): string =>
  typeof value === "number" ? "float" : Array.isArray(value) ? "list" : "dict";
