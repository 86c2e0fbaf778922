import type { Role } from "../../shared/roles.ts";
import type { Permissions } from "../store/clients.ts";

/** Who makes a request, as far as its token tells (auth sections 1 and 3). The database is not asked. */
export interface Caller {
  /** Null for anonymous callers, and for tokens that name nobody. */
  readonly clientId: string | null;
  /** Null: the request carries something that gives no role, so it passes no gate. */
  readonly role: Role | null;
  readonly permissions: Permissions;
  /** Id of the login: that of the refresh token that the access token came with or from, or of the browser's session. Absent in tokens of the reference. */
  readonly session?: string;
}

/** What callers without a token may do: what contributors may (as in the reference), only look, or nothing. Nothing where people log in. */
export type AnonymousAccess = "submit" | "read" | "none";

/** A request without credentials while login is off. */
export const ANONYMOUS: Caller = { clientId: null, role: "contributor", permissions: {} };

/** A request whose credentials are of a kind that says nothing about roles. */
export const NOBODY: Caller = { clientId: null, role: null, permissions: {} };
