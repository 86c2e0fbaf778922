import { isPlainObject } from "../../shared/plain-object.ts";

/** What an identity provider says of a person, by name. Hostile until looked at. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * The values of a claim that has one or many. The userinfo endpoint's claim wins over the ID token's, as for all claims.
 *
 * @param claim its name, or its path with dots (`realm_access.roles`)
 */
export const valuesOf = (claim: string, userinfo: Claims, idToken: Claims): unknown[] =>
  [valueAt(userinfo, claim) ?? valueAt(idToken, claim)].flat();

/** A claim may have dots in its name, as URLs do. */
function valueAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split(".")
    .reduce<unknown>(
      (value, key) => (isPlainObject(value) && Object.hasOwn(value, key) ? value[key] : undefined),
      claims,
    );
}
