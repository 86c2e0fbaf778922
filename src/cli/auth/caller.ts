import { readClaims } from "./access-token.ts";
import { AuthenticationError, credentialsRejected } from "./errors.ts";

/** The user, as an access token describes them. */
export interface Caller {
  readonly token: string;
  readonly clientId: string | undefined;
  /** Undefined when the token cannot be read. */
  readonly role: string | undefined;
  /** When the token ends; undefined when it does not say. */
  readonly expiresAt: Date | undefined;
}

/** @param clientId who got the token, if that is known otherwise */
export function callerOf(token: string, clientId?: string): Caller {
  const claims = readClaims(token);
  return {
    token,
    clientId: clientId ?? claims.clientId,
    role: claims.role,
    expiresAt: claims.expiresAt === undefined ? undefined : new Date(claims.expiresAt * 1000),
  };
}

/**
 * Lets only some roles pass to an administrative command (cli section 5.7). The server decides for itself; the gate
 * spares the user half-done work.
 *
 * @param caller the answer of `Authenticator.authenticate`
 * @throws {AuthenticationError} for nobody, and naming the roles for a caller with another one
 */
export function requireRole(caller: Caller | undefined, roles: readonly string[]): Caller {
  if (!caller) throw credentialsRejected();
  const { role = "none" } = caller;
  if (roles.includes(role)) return caller;
  throw new AuthenticationError(
    `Authorization Error: Command requires role: ${roles.join(", ")}\nYou are authenticated with role: ${role}`,
  );
}
