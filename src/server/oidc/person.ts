import type { Person } from "../store/clients.ts";
import { LoginRefused } from "./faults.ts";

export type Claims = Readonly<Record<string, unknown>>;

/** One `@` between parts without blanks and control characters, at most 320 of them: the address becomes a client id, in URLs and logs. */
const ADDRESS = /^(?=.{3,320}$)[^\s\p{C}@]+@[^\s\p{C}@]+$/u;

const MAX_NAME_LENGTH = 200;

/**
 * Whom the provider vouches for. Claims of the userinfo endpoint win; those of the ID token fill gaps.
 *
 * @param requireVerified refuse addresses of which the provider does not say whether they are verified
 * @throws LoginRefused without a usable or with an unverified address: whoever may enter any address at the provider would take over its owner's account
 */
export function personOf(
  issuer: string,
  sub: string,
  userinfo: Claims,
  idToken: Claims,
  requireVerified: boolean,
): Person {
  const email = userinfo.email ?? idToken.email;
  if (typeof email !== "string" || !ADDRESS.test(email))
    throw new LoginRefused(502, "OIDC provider did not return an email address", "no usable email claim");
  const verdicts = [userinfo, idToken].filter((claims) => claims.email === email).map(verdict);
  if (verdicts.includes(false) || (requireVerified && !verdicts.includes(true)))
    throw new LoginRefused(
      403,
      `The email address ${email} is not verified. Please verify it at your identity provider and log in again.`,
      "email is not verified",
      email,
    );
  return { issuer, sub, email, name: nameOf(userinfo.name ?? idToken.name) };
}

/** Some providers send the word instead of the value. Null and absent say nothing. */
function verdict({ email_verified }: Claims): boolean | undefined {
  if (email_verified === undefined || email_verified === null) return undefined;
  return email_verified === true || email_verified === "true";
}

/** For display only. */
const nameOf = (name: unknown): string =>
  typeof name === "string" ? name.replace(/\p{C}/gu, "").slice(0, MAX_NAME_LENGTH) : "";
