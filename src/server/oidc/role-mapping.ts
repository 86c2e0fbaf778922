import { isAtLeast, type Role } from "../../shared/roles.ts";
import { type Claims, valuesOf } from "./claims.ts";

/** Roles by what the provider says of a person: groups, most often. */
export interface RoleMapping {
  /** Name of the claim, or its path with dots (`realm_access.roles`). */
  readonly claim: string;
  /** Value of the claim -> role. */
  readonly roles: Readonly<Record<string, PersonRole>>;
}

/** Roles that a provider may give; agents are no people. */
export type PersonRole = Exclude<Role, "agent">;
export const PERSON_ROLES: readonly PersonRole[] = ["contributor", "manager", "admin"];

/**
 * The strongest role that the person's values of the claim give; contributor without any. So who leaves a group loses its role with the next login.
 */
export function mappedRole({ claim, roles }: RoleMapping, userinfo: Claims, idToken: Claims): PersonRole {
  return valuesOf(claim, userinfo, idToken)
    .filter((value) => typeof value === "string" && Object.hasOwn(roles, value))
    .map((value) => roles[value as string] as PersonRole)
    .reduce<PersonRole>((strongest, role) => (isAtLeast(role, strongest) ? role : strongest), "contributor");
}
