import { isGroupName } from "../permissions/groups.ts";
import { type Claims, valuesOf } from "./claims.ts";

/** Groups that are kept of a person: Microsoft Entra, for one, puts no more than 200 into a token. */
export const MAX_GROUPS = 200;

/** The groups that a person is in, each once, in the provider's order. What can be no name of a group is left out. */
export const groupsOf = (claim: string, userinfo: Claims, idToken: Claims): string[] =>
  [...new Set(valuesOf(claim, userinfo, idToken).filter(isGroupName))].slice(0, MAX_GROUPS);
