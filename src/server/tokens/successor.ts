import type { SigningKeys } from "./signing-keys.ts";

/** Tells this use of the keys apart from others. */
const USE = "testflinger refresh token after ";

/**
 * The refresh token that takes the place of another. It follows from that one and a key of the deployment: whoever asks twice, since an answer was
 * lost, gets the same again, though neither is kept in clear.
 */
export const successorOf = (token: string, { current }: Pick<SigningKeys, "current">): string =>
  derived(token, current.bytes);

/** What the successor may be, also if a key that signs no more has made it. */
export const possibleSuccessors = (token: string, { all }: Pick<SigningKeys, "all">): string[] =>
  all.map(({ bytes }) => derived(token, bytes));

const derived = (token: string, key: Uint8Array): string =>
  new Bun.CryptoHasher("sha256", key).update(USE).update(token).digest("base64url");
