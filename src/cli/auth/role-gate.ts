import { readClaims } from "./access-token.ts";
import { AuthenticationError, loginRequired } from "./errors.ts";

/**
 * Lets only some roles pass to an administrative command (cli section 5.7). The server decides for itself; the gate
 * spares the user half-done work.
 *
 * @param token the access token, or undefined for nobody
 * @throws {AuthenticationError} naming the roles
 */
export function requireRole(token: string | undefined, roles: readonly string[]): void {
  if (token === undefined) throw loginRequired();
  const { role = "none" } = readClaims(token);
  if (roles.includes(role)) return;
  throw new AuthenticationError(
    `Authorization Error: Command requires role: ${roles.join(", ")}\nYou are logged in with role: ${role}`,
  );
}
