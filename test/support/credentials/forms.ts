/** Shorter pieces of base64 are found by chance. */
const MIN_BASE64 = 12;

/** Longer texts are looked for by parts of them: a database may have split them between two pages. */
const LONG = 96;
const PART = 48;

/** The texts by which a credential gives itself away, however it was written down: plain, as JSON, in a URL, in base64, in hexadecimal. */
export function formsOf(credential: string): string[] {
  const bytes = Buffer.from(credential);
  const forms = [
    credential,
    escaped(credential),
    escaped(escaped(credential)),
    encodeURIComponent(credential),
    bytes.toString("hex"),
    ...[0, 1, 2].flatMap((offset) => withinBase64(bytes, offset)),
  ];
  return [...new Set(forms.flatMap(parts))];
}

/** As it stands in a JSON string. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** Base64 of a text that the bytes are in the middle of, without the characters that depend on their neighbours. */
function withinBase64(bytes: Buffer, offset: number): string[] {
  const standard = Buffer.concat([Buffer.alloc(offset), bytes]).toString("base64");
  const partial = (offset + bytes.length) % 3;
  const end = standard.length - (partial === 0 ? 0 : 4);
  const own = standard.slice(offset === 0 ? 0 : 4, end);
  return own.length < MIN_BASE64 ? [] : [own, own.replaceAll("+", "-").replaceAll("/", "_")];
}

function parts(form: string): string[] {
  if (form.length < LONG) return [form];
  const middle = Math.floor((form.length - PART) / 2);
  return [form.slice(middle, middle + PART), form.slice(-PART)];
}
