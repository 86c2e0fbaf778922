import type { Role } from "../../shared/roles.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { Viewer } from "./viewer.ts";

/** A request for a page, and who makes it. */
export interface Visit {
  readonly request: Request;
  readonly url: URL;
  readonly context: RequestContext;
  /** Do people log in here? */
  readonly login: boolean;
  /** Null: nobody in particular. */
  readonly viewer: Viewer | null;
  /** Has the viewer been signed in before, in a session that is over? */
  readonly wasSignedIn: boolean;
}

/** With OIDC on only people who are signed in see the lab (web section 1). */
export const seesLab = ({ login, viewer }: Visit): boolean => !login || viewer !== null;

export const hasRole = ({ viewer }: Visit, roles: readonly Role[]): boolean =>
  viewer !== null && roles.includes(viewer.role);
