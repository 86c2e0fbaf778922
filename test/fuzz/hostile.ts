import fc, { type Arbitrary } from "fast-check";

/** Texts that have broken parsers, databases, terminals or browsers before. */
const BAD_TEXTS = [
  "",
  " ",
  "\0",
  "a\0b",
  "\ud800",
  "\udfff\ud800",
  "\u2028",
  "\u202egnp.exe",
  "\x1b[2J\x1b]0;owned\x07",
  "<script>alert(1)</script>",
  "a\r\nSet-Cookie: x=y",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "$where",
  "$set",
  "a.b",
  ".",
  "..",
  "../../etc/passwd",
  "%00",
  "%2e%2e",
  "null",
  "undefined",
  "NaN",
  "'; DROP TABLE jobs; --",
  "{}",
  "😀",
  "e\u0301",
  "ß".repeat(40),
  "-1",
  "0x10",
  "1e3",
  "9".repeat(40),
  "1_000",
  "*",
] as const;

/** What fills long texts. */
const FILLER = "x";

/** Has names that fast-check makes texts of, to find objects that are taken for maps. */
const POLLUTED: object = function () {};

/** Is it one of the texts that every parameter gets, and so no credential where it comes as one? Long ones may have been cut. */
export const isHostileText = (text: string): boolean =>
  (BAD_TEXTS as readonly string[]).includes(text) || text === FILLER.repeat(text.length) || text in POLLUTED;

/** Any text: one that is known to be bad, or random characters of every plane, sometimes a great many. */
export const hostileText: Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...BAD_TEXTS) },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom(300, 5000).map((length) => FILLER.repeat(length)) },
);

const nested = (depth: number, open: string, close: string) => `${open.repeat(depth)}1${close.repeat(depth)}`;

/** JSON that is valid as such, and that hardly any schema wants. As text, because some of it no value of JavaScript stands for. */
export const hostileJson: Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      "null",
      "true",
      "0",
      "-0",
      "-1",
      "1.5",
      "1e400",
      "-1e400",
      "2147483648",
      "9007199254740993",
      "9223372036854775808",
      "123456789012345678901234567890",
      "1e-400",
      "[]",
      "{}",
      "[null]",
      "[[[]]]",
      '{"__proto__":{"admin":true}}',
      '{"constructor":{"prototype":{"admin":true}}}',
      '{"$gt":""}',
      '{"a.b":{"$set":1}}',
      '{"":0}',
      '{"\\u0000":0}',
      '{"a":1,"a":2}',
      '"\\ud800"',
      nested(90, "[", "]"),
      nested(250, '{"a":', "}"),
    ),
  },
  { weight: 4, arbitrary: hostileText.map((text) => JSON.stringify(text)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom(nested(5000, "[", "]"), nested(100_000, "[", "]")) },
);

/** Bodies that are no JSON at all. */
export const noJson: Arbitrary<string | Uint8Array> = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "{",
    '{"job_queue":"q"',
    "{'job_queue':'q'}",
    '{"a":NaN}',
    "[1,]",
    "\ufeff{}",
    "job_queue=q",
    "<a/>",
    nested(100_000, "[", ""),
  ),
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(
    Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    Bun.gzipSync(Buffer.from('{"job_queue":"q"}')),
    Buffer.from('{"job_queue":"q"}', "utf16le"),
  ),
);
