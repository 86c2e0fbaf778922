import { type Json, type JsonObject, numberOf } from "./json-value.ts";

/** Text that is not JSON, and where. Lines and columns count from 1, columns in UTF-16 units. */
export class JsonSyntaxError extends SyntaxError {
  override readonly name = "JsonSyntaxError";

  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${reason} (line ${line}, column ${column})`);
  }
}

/** Deeper nesting is refused: it would exhaust the stack of whatever walks the value. */
const MAX_DEPTH = 500;

/**
 * Reads JSON without loss (see `Json`). As Python's reader does, it accepts `NaN`, `Infinity` and `-Infinity`, and of a
 * repeated key it keeps the last value.
 *
 * @throws {JsonSyntaxError}
 */
export function parse(text: string): Json {
  const parser = new Parser(text);
  const value = parser.value(0);
  parser.end();
  return value;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Everything from the blank on but `"` and `\`: control characters must be escaped. */
const PLAIN_TEXT = /[ !#-[\]-\uffff]*/y;
const BLANKS = /[ \t\n\r]*/y;
const WORD = /(?:null|true|false|NaN|-?Infinity)?/y;
const WORDS: Readonly<Record<string, Json>> = {
  null: null,
  true: true,
  false: false,
  NaN: NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
};
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  "\\": "\\",
  "/": "/",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  value(depth: number): Json {
    if (depth > MAX_DEPTH) this.fail(`more than ${MAX_DEPTH} levels of nesting`);
    this.match(BLANKS);
    const next = this.text[this.at];
    if (next === '"') return this.string();
    if (next === "{") return this.object(depth);
    if (next === "[") return this.array(depth);
    const word = this.match(WORD);
    return word ? WORDS[word]! : this.number();
  }

  /** Nothing but blanks may follow. */
  end(): void {
    this.match(BLANKS);
    if (this.at < this.text.length) this.fail("unexpected text after the end");
  }

  private object(depth: number): JsonObject {
    const object: JsonObject = new Map();
    this.sequence("}", () => {
      this.match(BLANKS);
      if (this.text[this.at] !== '"') this.fail("expected a key in double quotes");
      const key = this.string();
      this.match(BLANKS);
      if (this.text[this.at] !== ":") this.fail("expected ':'");
      this.at++;
      object.set(key, this.value(depth + 1));
    });
    return object;
  }

  private array(depth: number): Json[] {
    const array: Json[] = [];
    this.sequence("]", () => array.push(this.value(depth + 1)));
    return array;
  }

  /** Items separated by commas up to the closing bracket; the opening one is next. */
  private sequence(closing: string, item: () => void): void {
    this.at++;
    this.match(BLANKS);
    if (this.text[this.at] === closing) {
      this.at++;
      return;
    }
    for (;;) {
      item();
      this.match(BLANKS);
      const next = this.text[this.at];
      if (next !== "," && next !== closing) this.fail(`expected ',' or '${closing}'`);
      this.at++;
      if (next === closing) return;
    }
  }

  private number(): Json {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) this.fail(this.at < this.text.length ? "expected a value" : "unexpected end");
    this.at = NUMBER.lastIndex;
    const value = Number(found[0]);
    if (found[1] !== undefined || found[2] !== undefined) return numberOf(value, true);
    // `-0` is 0: integers have no negative zero.
    return Number.isSafeInteger(value) ? value + 0 : BigInt(found[0]);
  }

  private string(): string {
    this.at++;
    let result = "";
    for (;;) {
      result += this.match(PLAIN_TEXT);
      const next = this.text[this.at];
      if (next === undefined) this.fail("unterminated string");
      if (next !== '"' && next !== "\\") this.fail("control character in a string");
      this.at++;
      if (next === '"') return result;
      result += this.escape();
    }
  }

  private escape(): string {
    const kind = this.text[this.at];
    if (kind === "u") {
      const digits = this.text.slice(this.at + 1, this.at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail("expected four hexadecimal digits after \\u");
      this.at += 5;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const character = kind === undefined ? undefined : ESCAPES[kind];
    if (character === undefined) this.fail("unknown escape in a string");
    this.at++;
    return character;
  }

  /** Takes what a sticky expression finds here. */
  private match(expression: RegExp): string {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text)![0];
    this.at += found.length;
    return found;
  }

  private fail(reason: string): never {
    const before = this.text.slice(0, this.at).split("\n");
    throw new JsonSyntaxError(reason, before.length, before.at(-1)!.length + 1);
  }
}
