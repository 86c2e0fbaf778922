/** A source of unpredictable bytes, as `crypto.getRandomValues` is. */
export type RandomBytes = (length: number) => Uint8Array;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/** Bytes from here on would favour the first letters of the alphabet. */
const FAIR = 256 - (256 % ALPHABET.length);

/** Letters and digits, each as likely as any other. */
export function randomText(length: number, random: RandomBytes): string {
  let text = "";
  while (text.length < length)
    for (const byte of random(length - text.length)) if (byte < FAIR) text += ALPHABET[byte % ALPHABET.length];
  return text;
}
