import { Long } from "mongodb";

/** Without the keys whose value is undefined, so that what is unknown is absent. */
export const present = <Value extends object>(value: Value): Value =>
  Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;

/** A stored value as JSON knows it: 64-bit integers that the driver leaves as objects become numbers. */
export function plain<Value>(value: Value): Value {
  if (value instanceof Long) return value.toNumber() as Value;
  if (Array.isArray(value)) return value.map(plain) as Value;
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)])) as Value;
}
