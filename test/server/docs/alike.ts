import { SAMPLE } from "../../../src/server/http/example.ts";

/** Texts that differ from one run to the next, and how they look. */
const FORMS: Readonly<Record<string, RegExp>> = {
  "<token>": /\b[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/g,
  "<id>": /\b([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})\b/g,
  "<secret>": /(?<![\w-])[\w-]{43,}/g,
};

/** The job that the examples are about always has its own id. */
const formOf = (text: string): string =>
  Object.entries(FORMS).reduce(
    (known, [name, form]) => known.replaceAll(form, (found) => (found === SAMPLE.job ? found : name)),
    text,
  );

/** An answer, with what may differ from run to run as the example has it, if both look the same. */
export function asIn(example: unknown, actual: unknown): unknown {
  if (typeof example === "string" && typeof actual === "string")
    return formOf(example) === formOf(actual) ? example : actual;
  if (Array.isArray(example) && Array.isArray(actual))
    return actual.map((value, index) => (index in example ? asIn(example[index], value) : value));
  if (isObject(example) && isObject(actual))
    return Object.fromEntries(
      Object.entries(actual).map(([name, value]) => [
        name,
        Object.hasOwn(example, name) ? asIn(example[name], value) : value,
      ]),
    );
  return actual;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
