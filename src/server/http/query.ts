import type { TSchema } from "@sinclair/typebox";

/** The query parameters of a URL, which need not be one that a parser accepts as a whole. */
export function parametersOf(url: string): URLSearchParams {
  const start = url.indexOf("?");
  return new URLSearchParams(start < 0 ? "" : url.slice(start).replace(/#.*/s, ""));
}

/** Query parameters as plain values for `decode`: a list schema collects every occurrence, of anything else the first counts. */
export function queryValues(parameters: URLSearchParams, schema: TSchema): Record<string, string | string[]> {
  const lists = new Set(
    Object.entries((schema.properties ?? {}) as Record<string, TSchema>).flatMap(([name, property]) =>
      property.type === "array" ? [name] : [],
    ),
  );
  const values: Record<string, string | string[]> = Object.create(null);
  for (const name of new Set(parameters.keys())) {
    const all = parameters.getAll(name);
    values[name] = lists.has(name) ? all : (all[0] as string);
  }
  return values;
}
