import type { Role } from "../../shared/roles.ts";
import { ANONYMOUS, type Caller } from "../http/caller.ts";
import type { Permissions } from "../store/clients.ts";

/** A person who is signed in in a browser, as the account is now. */
export interface Viewer {
  /** For display; the person chose it, or the identity provider. */
  readonly name: string;
  readonly clientId: string;
  readonly role: Role;
  readonly permissions: Permissions;
  /** Id of the session; no credential. */
  readonly session: string;
}

/** Tells who looks at a page. Asked only with OIDC on: without it there are no logins, and everybody sees everything (web section 1). */
export interface Viewers {
  /**
   * The person whose browser made the request; null for nobody.
   *
   * @param isVisit is the person there, so that the session is in use? By default what the request itself tells
   */
  of(request: Request, isVisit?: boolean): Promise<Viewer | null>;
  /** Has the browser been signed in before? Then its session has ended. */
  hadSession(request: Request): boolean;
}

/** Whom an action of a page is done as, by the rules of the API. Without a login that is what the API takes callers without a token for. */
export const callerOf = (viewer: Viewer | null): Caller =>
  viewer
    ? { clientId: viewer.clientId, role: viewer.role, permissions: viewer.permissions, session: viewer.session }
    : ANONYMOUS;
