import { DEFAULT_SECTION, type Ini, IniSyntaxError, type RawValue } from "./ini.ts";

/** How often a value may insert another that inserts another; Python's limit. */
const MAX_DEPTH = 10;

/**
 * The values of a section, inherited ones first, with `%%` read as `%` and `%(name)s` replaced by the value of another
 * key. None when there is no such section.
 *
 * @throws {IniSyntaxError} for any other `%`, an unknown name, and values that insert each other without end
 */
export function sectionValues(ini: Ini, name: string): Map<string, string> {
  const section = ini.sections.get(name);
  if (!section) return new Map();
  const raw = new Map([...(ini.sections.get(DEFAULT_SECTION)?.values ?? []), ...section.values]);
  return new Map([...raw].map(([key, value]) => [key, interpolate(value, value, raw, 1)]));
}

/** The text of `value`; errors name the line of `origin`, the value that was asked for. */
function interpolate(value: RawValue, origin: RawValue, values: ReadonlyMap<string, RawValue>, depth: number): string {
  const fail = (reason: string): never => {
    throw new IniSyntaxError(reason, origin.first + 1);
  };
  return value.text.replace(/%(?:%|\(([^)]+)\)s)?/g, (found, name: string | undefined) => {
    if (found === "%%") return "%";
    if (name === undefined) return fail('"%" stands alone; write "%%" for a percent sign');
    const inserted = values.get(name.toLowerCase()) ?? fail(`"%(${name})s" names no key`);
    if (depth >= MAX_DEPTH) return fail(`"%(${name})s" never comes to an end`);
    return interpolate(inserted, origin, values, depth + 1);
  });
}
