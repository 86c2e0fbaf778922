import { type Ini, parseIni } from "./ini.ts";

/** A key or value that a file could not hold: read back, it would be another one. */
export class UnwritableSetting extends Error {
  override readonly name = "UnwritableSetting";
}

/**
 * The file with `key` of `section` set to `value`; every other line, comments included, stays as it is (W36). The value
 * is taken literally: its `%` are doubled, so that `configparser` reads back what was given.
 *
 * @throws {IniSyntaxError} when the file is broken
 * @throws {UnwritableSetting}
 */
export function setValue(text: string, section: string, key: string, value: string): string {
  const ini = parseIni(text);
  const line = `${writableKey(key)} = ${writableValue(value)}`;
  const known = ini.sections.get(section);
  if (!known) return append(text, `[${section}]\n${line}\n\n`);
  const old = known.values.get(key.toLowerCase());
  const from = old?.first ?? known.end;
  return withLines(ini, from, old?.end ?? from, [line]);
}

/**
 * The file without `key` of `section`, or undefined when the section has no such key.
 *
 * @throws {IniSyntaxError} when the file is broken
 */
export function unsetValue(text: string, section: string, key: string): string | undefined {
  const ini = parseIni(text);
  const old = ini.sections.get(section)?.values.get(key.toLowerCase());
  return old && withLines(ini, old.first, old.end, []);
}

/** The file with the lines from `from` up to `end` replaced. */
function withLines({ lines }: Ini, from: number, end: number, replacement: readonly string[]): string {
  const result = [...lines.slice(0, from), ...replacement, ...lines.slice(end)];
  return result.at(-1) === "" ? result.join("\n") : `${result.join("\n")}\n`;
}

function append(text: string, addition: string): string {
  if (text === "") return addition;
  return `${text}${text.endsWith("\n") ? "" : "\n"}\n${addition}`;
}

function writableKey(key: string): string {
  const name = key.trim().toLowerCase();
  if (name === "" || /^[[#;]|[=:\r\n]/.test(name)) {
    throw new UnwritableSetting(
      `${JSON.stringify(key)} cannot be the name of a setting: use letters, digits, "_" and "-"`,
    );
  }
  return name;
}

function writableValue(value: string): string {
  const lines = value
    .trim()
    .replaceAll("%", "%%")
    .split(/\r\n|\r|\n/);
  if (lines.slice(1).some((line) => /^\s*[#;]/.test(line))) {
    throw new UnwritableSetting('A line of a value cannot begin with "#" or ";": it would be read as a comment');
  }
  return lines.join("\n\t");
}
