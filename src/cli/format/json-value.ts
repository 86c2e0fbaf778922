/**
 * JSON without loss. Numbers that a JavaScript `number` prints as Python does are numbers; integers beyond 2^53 are
 * `bigint`; floats with an integral value (`1.0`, `1e3`) are `Float`, so that they are not printed as integers. Objects
 * keep the order of their keys, which plain objects do not for keys such as `10`.
 */
export type Json = null | boolean | number | bigint | Float | string | Json[] | JsonObject;
export type JsonObject = Map<string, Json>;

/** A float whose value happens to be an integer. */
export class Float {
  constructor(readonly value: number) {}
}

/** The number for the text of a JSON or YAML number: `isFloat` when it has a fraction or an exponent. */
export function numberOf(value: number, isFloat: boolean): number | Float {
  return isFloat && Number.isInteger(value) ? new Float(value) : value;
}

/** The same value as ordinary JavaScript data; big integers lose precision, keys that look like integers their order. */
export function plain(value: Json): unknown {
  if (value instanceof Map) {
    // Not an assignment: a key `__proto__` from a server must become a property, not a prototype.
    return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Float) return value.value;
  return typeof value === "bigint" ? Number(value) : value;
}
