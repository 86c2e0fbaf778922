import { Problem } from "../../http/problem.ts";
import { ROLES } from "../../../shared/roles.ts";
import type { Route } from "../../http/route.ts";
import type { LoginSessions } from "../../sessions/login-sessions.ts";
import type { Pages } from "../pages.ts";
import { callerOf, type Viewer } from "../viewer.ts";
import type { Visit } from "../visit.ts";
import { sessionsPage } from "./sessions-page.tsx";

export interface AccountOptions {
  readonly loginSessions: LoginSessions;
}

/** Only people who are signed in have an account; that they are is the audience of these pages. */
const signedIn = ({ viewer }: Visit): Viewer => {
  if (!viewer) throw new Problem(401, "You need to sign in to access this page.");
  return viewer;
};

export const accountPages = (pages: Pages, { loginSessions }: AccountOptions): Route[] => [
  pages.show(
    { path: "/sessions", id: "showSessions", summary: "The viewer's logins", audience: ROLES },
    async (visit) => {
      return sessionsPage(await loginSessions.list(callerOf(signedIn(visit)), undefined));
    },
  ),
  pages.act(
    { path: "/sessions/end", id: "endSessionOnPage", summary: "Ends one of the viewer's logins", audience: ROLES },
    async (visit, _params, form) => {
      const viewer = signedIn(visit);
      await loginSessions.end(form.get("id") ?? "", callerOf(viewer), visit.context);
      return "/sessions";
    },
  ),
];
