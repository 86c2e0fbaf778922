/** Values as SQLite's columns hold them, and back. */

/** The ends of SQLite's integers, as numbers. */
const LIMIT = 2 ** 63;

/**
 * A whole number as SQLite's 64-bit integer. Beyond 2^53 a number would be bound as a floating-point value, which an integer column
 * refuses at the ends of its range: the largest 64-bit integer, parsed from JSON, is 2^63 as a number.
 */
export function int64(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value;
  if (value >= LIMIT) return BigInt(LIMIT) - 1n;
  if (value <= -LIMIT) return BigInt(-LIMIT);
  return BigInt(Math.trunc(value));
}

export const fromDate = (date: Date | undefined): number | null => date?.getTime() ?? null;

/** `{ [name]: date }`, or nothing for null: absent fields are absent, not undefined. */
export const dateField = <Name extends string>(name: Name, column: number | null) =>
  field(name, column === null ? null : new Date(column));

/** `{ [name]: parsed JSON }`, or nothing for null. */
export const jsonField = <Name extends string, Value>(name: Name, column: string | null) =>
  field(name, column === null ? null : (JSON.parse(column) as Value));

/** `{ [name]: value }`, or nothing for null. */
export const field = <Name extends string, Value>(name: Name, value: Value | null) =>
  (value === null ? {} : { [name]: value }) as { [name in Name]?: Value };
