/**
 * The grammar of Python's `configparser` (command-line section 3.3), which the reference uses for its settings and its
 * stored login. Both clients must read each other's files, so every rule here is that module's.
 */

/** A line that breaks the grammar; `line` counts from 1. */
export class IniSyntaxError extends Error {
  override readonly name = "IniSyntaxError";

  constructor(
    readonly reason: string,
    readonly line: number,
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** A value as it is written, and the lines it takes: from `first` up to, but without, `end` (counted from 0). */
export interface RawValue {
  readonly text: string;
  readonly first: number;
  readonly end: number;
}

/** Keys are lower-case, in the order of the file. `end` is the line after the last one that belongs to a key or header. */
export interface Section {
  readonly values: Map<string, RawValue>;
  end: number;
}

export interface Ini {
  readonly lines: readonly string[];
  readonly sections: ReadonlyMap<string, Section>;
}

/** The section whose values every other one inherits. */
export const DEFAULT_SECTION = "DEFAULT";

/**
 * Reads a file without interpreting `%`.
 *
 * @throws {IniSyntaxError} for text before the first section, a repeated section or key, and a line without a delimiter
 */
export function parseIni(text: string): Ini {
  const lines = text.split(/\r\n|\r|\n/);
  const reader = new Reader();
  for (const [index, line] of lines.entries()) reader.line(line, index);
  reader.finishValue();
  return { lines, sections: reader.sections };
}

class Reader {
  readonly sections = new Map<string, Section>();
  private section: Section | undefined;
  private key: { name: string; first: number; end: number; lines: string[] } | undefined;
  private indent = 0;

  line(line: string, index: number): void {
    const text = line.trim();
    if (/^[#;]/.test(text)) return;
    if (text === "") {
      // An empty line may be part of a value; `finishValue` drops those at its end.
      this.key?.lines.push("");
      return;
    }
    const indent = line.search(/\S/);
    if (this.key && indent > this.indent) {
      this.key.lines.push(text);
      this.key.end = index + 1;
      this.section!.end = index + 1;
      return;
    }
    this.indent = indent;
    this.finishValue();
    const header = /^\[(.+)\]/.exec(text);
    if (header) this.startSection(header[1]!, index);
    else this.startValue(text, index);
  }

  private startSection(name: string, index: number): void {
    const known = this.sections.get(name);
    if (known && name !== DEFAULT_SECTION) throw new IniSyntaxError(`section [${name}] occurs twice`, index + 1);
    this.section = known ?? { values: new Map(), end: index + 1 };
    this.section.end = index + 1;
    this.sections.set(name, this.section);
  }

  private startValue(text: string, index: number): void {
    if (!this.section) throw new IniSyntaxError("text before the first [section]", index + 1);
    const parts = /^(.*?)\s*[=:]\s*(.*)$/s.exec(text);
    if (!parts) throw new IniSyntaxError('expected "key = value"', index + 1);
    const name = parts[1]!.toLowerCase();
    if (name === "") throw new IniSyntaxError("a key is missing before the delimiter", index + 1);
    if (this.section.values.has(name)) throw new IniSyntaxError(`key "${name}" occurs twice`, index + 1);
    this.key = { name, first: index, end: index + 1, lines: [parts[2]!] };
    this.section.end = index + 1;
  }

  finishValue(): void {
    if (!this.key) return;
    const { name, first, end, lines } = this.key;
    this.section!.values.set(name, { text: lines.join("\n").trimEnd(), first, end });
    this.key = undefined;
  }
}
