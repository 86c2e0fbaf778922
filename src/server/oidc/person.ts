import type { Person } from "../store/clients.ts";
import { groupsOf } from "./groups.ts";
import type { Claims } from "./claims.ts";
import { LoginRefused } from "./faults.ts";
import { mappedRole, type RoleMapping } from "./role-mapping.ts";

/**
 * One `@` between parts without blanks and control characters, at most 320 of them: the address becomes a client id, in URLs and logs. What begins as
 * the id of a group does would become that group.
 */
const ADDRESS = /^(?=.{3,320}$)(?!group:)[^\s\p{C}@]+@[^\s\p{C}@]+$/u;

const MAX_NAME_LENGTH = 200;

export interface PersonRules {
  /** Refuse addresses of which the provider does not say whether they are verified. */
  readonly requireVerifiedEmail: boolean;
  /** Absent: roles are given here, by hand. */
  readonly roles?: RoleMapping;
  /** The claim with a person's groups, or its path with dots; absent: nobody is in one. */
  readonly groupsClaim?: string;
}

/**
 * Whom the provider vouches for. Claims of the userinfo endpoint win; those of the ID token fill gaps.
 *
 * @throws LoginRefused without a usable or with an unverified address: whoever may enter any address at the provider would take over its owner's account
 */
export function personOf(
  issuer: string,
  sub: string,
  userinfo: Claims,
  idToken: Claims,
  { requireVerifiedEmail, roles, groupsClaim }: PersonRules,
): Person {
  const email = userinfo.email ?? idToken.email;
  if (typeof email !== "string" || !ADDRESS.test(email))
    throw new LoginRefused(502, "OIDC provider did not return an email address", "no usable email claim");
  const verdicts = [userinfo, idToken].filter((claims) => claims.email === email).map(verdict);
  const emailVerified = verdicts.includes(true);
  if (verdicts.includes(false) || (requireVerifiedEmail && !emailVerified))
    throw new LoginRefused(
      403,
      `The email address ${email} is not verified. Please verify it at your identity provider and log in again.`,
      "email is not verified",
      email,
    );
  const role = roles && mappedRole(roles, userinfo, idToken);
  const groups = groupsClaim === undefined ? undefined : groupsOf(groupsClaim, userinfo, idToken);
  const name = nameOf(userinfo.name ?? idToken.name);
  return {
    issuer,
    sub,
    email,
    name,
    emailVerified,
    ...(role === undefined ? {} : { role }),
    ...(groups === undefined ? {} : { groups }),
  };
}

/** Some providers send the word instead of the value. Null and absent say nothing. */
function verdict({ email_verified }: Claims): boolean | undefined {
  if (email_verified === undefined || email_verified === null) return undefined;
  return email_verified === true || email_verified === "true";
}

/** For display only. */
const nameOf = (name: unknown): string =>
  typeof name === "string" ? name.replace(/\p{C}/gu, "").slice(0, MAX_NAME_LENGTH) : "";
