import { timingSafeEqual } from "node:crypto";
import { calculatePKCECodeChallenge } from "oauth4webapi";

/** An S256 challenge: SHA-256 in base64url (RFC 7636 section 4.2). */
export const isCodeChallenge = (text: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(text);

/** RFC 7636 section 4.1. */
const isCodeVerifier = (text: string): boolean => /^[A-Za-z0-9._~-]{43,128}$/.test(text);

/** Does the verifier belong to the challenge? */
export async function provesChallenge(verifier: string, challenge: string): Promise<boolean> {
  if (!isCodeVerifier(verifier)) return false;
  const computed = Buffer.from(await calculatePKCECodeChallenge(verifier));
  const expected = Buffer.from(challenge);
  return computed.length === expected.length && timingSafeEqual(computed, expected);
}
