import { timingSafeEqual } from "node:crypto";
import { calculatePKCECodeChallenge } from "oauth4webapi";

/** Wrong verifiers after which a login ends. An honest client never sends one. */
const MAX_FAILURES = 5;
/** Logins whose failures are remembered at a time. */
const MAX_REMEMBERED = 10_000;

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

/** Counts wrong verifiers of a login, so that nobody who learned a request id can go on trying. */
export class FailedProofs {
  private readonly failures = new Map<string, number>();

  /** True when the login has to end. */
  isOneTooMany(requestHash: string): boolean {
    const count = (this.failures.get(requestHash) ?? 0) + 1;
    this.failures.delete(requestHash);
    if (count >= MAX_FAILURES) return true;
    this.failures.set(requestHash, count);
    if (this.failures.size > MAX_REMEMBERED) this.failures.delete(this.failures.keys().next().value as string);
    return false;
  }
}
