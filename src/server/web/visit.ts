import type { Role } from "../../shared/roles.ts";
import type { AnonymousAccess } from "../http/caller.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Viewer } from "./viewer.ts";

/** A request for a page, and who makes it. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  readonly context: RequestContext;
  /** Do people log in here? */
  readonly login: boolean;
  /** What may be done without; nothing where people log in. */
  readonly anonymous: AnonymousAccess;
  /** Null: nobody in particular. */
  readonly viewer: Viewer | null;
  /** Has the viewer been signed in before, in a session that is over? */
  readonly wasSignedIn: boolean;
}

/** With OIDC on only people who are signed in see the lab (web section 1); without, all whom the operator lets read. */
export const seesLab = ({ anonymous, viewer }: Visit): boolean => anonymous !== "none" || viewer !== null;

/** May the viewer, or whoever calls, do anything on a page? */
export const actsOnLab = ({ anonymous, viewer }: Visit): boolean => anonymous === "submit" || viewer !== null;

export const hasRole = ({ viewer }: Visit, roles: readonly Role[]): boolean =>
  viewer !== null && roles.includes(viewer.role);
