import type { Shape } from "./decode.ts";

/** Shapes of answers. They look only as deep as the client must rely on: newer servers may add fields anywhere. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const isText = (value: unknown): value is string => typeof value === "string";

export const isInteger = (value: unknown): value is number => Number.isSafeInteger(value);

/** An object with at least these fields. */
export function objectWith<T>(fields: Readonly<Record<string, (value: unknown) => boolean>>): Shape<T> {
  return (value): value is T =>
    isObject(value) && Object.entries(fields).every(([name, accepts]) => accepts(value[name]));
}

export const anyObject = <T>(): Shape<T> => objectWith<T>({});

/** An array of items that all have a shape. */
export const arrayOf =
  <T>(item: Shape<T>): Shape<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(item);

/** An object whose values are all texts, such as queue names and their descriptions. */
export const isTextRecord = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every(isText);
