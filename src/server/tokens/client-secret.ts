/** Characters that a secret needs at least (server-api section 2). */
export const MIN_SECRET_LENGTH = 15;

/** bcrypt looks at no more bytes of a secret than this: two secrets that differ behind it would be the same one. */
export const MAX_SECRET_BYTES = 72;

/** bcrypt cost (server-api section 2): with 12, as elsewhere in the reference, a login held up a server for 800 ms. */
const COST = 8;

/** A hash whose secret nobody knows: logins of unknown clients take as long as those of known ones, so that names cannot be probed. */
const NOBODYS_HASH = "$2b$08$afGD0.t0rdSWl4XAcSkrz.MV.9w.ddyjoHGIL/vtswNNZqdTpBTzm";

/** What forbids the text as a new secret, or nothing. */
export function secretFault(secret: string): string | undefined {
  if ([...secret].length < MIN_SECRET_LENGTH) return `Shorter than minimum length ${MIN_SECRET_LENGTH}.`;
  if (Buffer.byteLength(secret) > MAX_SECRET_BYTES) return `Longer than maximum length of ${MAX_SECRET_BYTES} bytes.`;
  // bcrypt repeats the secret with a NUL in between: `abc` and `abc\0abc` have the same hash.
  if (secret.includes("\0")) return "Must not contain a null character.";
  return undefined;
}

export const hashSecret = (secret: string): Promise<string> =>
  Bun.password.hash(secret, { algorithm: "bcrypt", cost: COST });

/** Is this the secret of the hash? Without a hash the answer is no, after the same time. A hash that cannot be read matches nothing. */
export async function secretMatches(secret: string, hash: string | undefined): Promise<boolean> {
  // Bun replaces longer secrets by their SHA-512, which would let secrets in that no other implementation accepts.
  if (Buffer.byteLength(secret) > MAX_SECRET_BYTES || secret.includes("\0")) return false;
  const matches = await Bun.password.verify(secret, hash ?? NOBODYS_HASH).catch(() => false);
  return matches && hash !== undefined;
}
