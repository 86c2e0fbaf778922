import type { Reader } from "./command.ts";
import { ValueError } from "./values.ts";

const FORM =
  /^(?<date>\d{4}-\d{2}-\d{2})(?:.(?<hour>\d{2})(?::(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?)?(?<zone>Z|[+-]\d{2}:?\d{2}(?::?\d{2})?)?)?$/su;

/**
 * An ISO 8601 date or time, written again as Python's `datetime.isoformat` does: `T` between date and time, seconds
 * always, six digits of fraction only when not zero, `+00:00` for `Z` (command-line section 10.10).
 */
export const timestamp: Reader<string> = (text) => {
  const { date, hour = "00", minute = "00", second = "00", fraction = "", zone = "" } = FORM.exec(text)?.groups ?? {};
  const time = `${hour}:${minute}:${second}`;
  if (date === undefined || !exists(date, time)) throw new ValueError(`invalid fromisoformat value: '${text}'`);
  const micros = fraction.slice(0, 6).padEnd(6, "0");
  const offset = zone === "Z" ? "+00:00" : zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  return `${date}T${time}${Number(micros) === 0 ? "" : `.${micros}`}${offset}`;
};

/** Is there such a day and such a time? `Date` would carry 30 February over into March. */
function exists(date: string, time: string): boolean {
  const parsed = new Date(`${date}T${time}Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(`${date}T${time}`);
}
