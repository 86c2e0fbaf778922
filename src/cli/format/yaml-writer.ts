/** Column after which a text is wrapped at its next blank. */
const WIDTH = 80;

interface ScalarPlace {
  /** Column of continued lines. */
  readonly indent: number;
  readonly mayWrap: boolean;
  /** Whether the scalar is the whole document. */
  readonly isRoot: boolean;
}

/** The output side of PyYAML's emitter: where in a line it stands, and how each kind of scalar is written. */
export class YamlWriter {
  private text = "";
  private column = 0;
  /** Does the output end in a blank or a line break? */
  private afterBlank = true;
  /** Does the current line hold nothing but indentation, dashes and question marks? */
  private onlyIndents = true;
  /** Would the document not end without `...`? */
  private openEnded = false;

  get atLineStart(): boolean {
    return this.onlyIndents;
  }

  /** The finished document. */
  document(): string {
    this.startLine(0);
    if (this.openEnded) {
      this.indicator("...", { spaced: true });
      this.startLine(0);
    }
    return this.text;
  }

  /** Goes to a column of a line on which nothing but indentation has been written, a new one if need be. */
  startLine(indent: number): void {
    const lineIsTaken = !this.onlyIndents || this.column > indent || (this.column === indent && !this.afterBlank);
    if (lineIsTaken) this.breakLine();
    if (this.column >= indent) return;
    this.write(" ".repeat(indent - this.column));
    this.afterBlank = true;
  }

  /** @param spaced whether a blank must stand before; `indents`, whether the line still counts as only indented */
  indicator(text: string, { spaced, indents = false }: { spaced: boolean; indents?: boolean }): void {
    this.write(spaced && !this.afterBlank ? ` ${text}` : text);
    this.afterBlank = false;
    this.onlyIndents &&= indents;
    this.openEnded = false;
  }

  emptyCollection(brackets: "[]" | "{}"): void {
    this.indicator(brackets, { spaced: true });
  }

  plain(text: string, place: ScalarPlace): void {
    this.openEnded ||= place.isRoot;
    if (!this.afterBlank) this.write(" ");
    this.afterBlank = false;
    this.onlyIndents = false;
    this.words(text, place);
    this.afterBlank = false;
    this.onlyIndents = false;
  }

  single(text: string, place: ScalarPlace): void {
    this.indicator("'", { spaced: true });
    this.words(text.replaceAll("'", "''"), place);
    this.indicator("'", { spaced: false });
  }

  double(text: string, { indent, mayWrap }: ScalarPlace): void {
    this.indicator('"', { spaced: true });
    const characters = [...text];
    let start = 0;
    const flush = (end: number, suffix = "") => {
      if (start < end || suffix) this.write(characters.slice(start, end).join("") + suffix);
      start = Math.max(start, end);
    };
    for (const [at, character] of characters.entries()) {
      if (!/^[ !#-[\]-~]$/.test(character)) {
        flush(at);
        this.write(escaped(character));
        start = at + 1;
      }
      const mayBreakHere = at > 0 && at < characters.length - 1 && (character === " " || start >= at);
      if (!mayWrap || !mayBreakHere || this.column + at - start <= WIDTH) continue;
      flush(at, "\\");
      this.startLine(indent);
      this.afterBlank = false;
      this.onlyIndents = false;
      // A blank that begins a continued line would be taken for indentation.
      if (characters[start] === " ") this.write("\\");
    }
    flush(characters.length);
    this.indicator('"', { spaced: false });
  }

  /** A literal block; `text` ends in a line feed. */
  literal(text: string, { indent, hint }: { indent: number; hint: number }): void {
    const keepsBreaks = text === "\n" || text.endsWith("\n\n");
    this.indicator(`|${/^[ \n]/.test(text) ? hint : ""}${keepsBreaks ? "+" : ""}`, { spaced: true });
    this.openEnded = keepsBreaks;
    this.breakLine();
    for (const line of text.slice(0, -1).split("\n")) {
      if (line !== "") this.write(" ".repeat(indent) + line);
      this.breakLine();
    }
  }

  /** Writes a text without line breaks; where it is too long, single blanks inside it become line breaks. */
  private words(text: string, { indent, mayWrap }: ScalarPlace): void {
    let at = 0;
    for (const piece of text.match(/ +|[^ ]+/g) ?? []) {
      const isInside = at > 0 && at + piece.length < text.length;
      if (piece === " " && mayWrap && isInside && this.column > WIDTH) this.startLine(indent);
      else this.write(piece);
      at += piece.length;
    }
  }

  private write(text: string): void {
    this.text += text;
    this.column += text.length;
  }

  private breakLine(): void {
    this.text += "\n";
    this.column = 0;
    this.afterBlank = true;
    this.onlyIndents = true;
  }
}

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  "\0": "\\0",
  "\u0007": "\\a",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\u001b": "\\e",
  '"': '\\"',
  "\\": "\\\\",
  "\u0085": "\\N",
  "\u00a0": "\\_",
  "\u2028": "\\L",
  "\u2029": "\\P",
};

function escaped(character: string): string {
  const codePoint = character.codePointAt(0)!;
  const hex = codePoint.toString(16).toUpperCase();
  const long =
    codePoint <= 0xff
      ? `\\x${hex.padStart(2, "0")}`
      : codePoint <= 0xffff
        ? `\\u${hex.padStart(4, "0")}`
        : `\\U${hex.padStart(8, "0")}`;
  return SHORT_ESCAPES[character] ?? long;
}
