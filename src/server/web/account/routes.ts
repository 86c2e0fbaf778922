import { Problem } from "../../http/problem.ts";
import { ROLES } from "../../../shared/roles.ts";
import type { Route } from "../../http/route.ts";
import type { BrowserSessions } from "../../sessions/browser-sessions.ts";
import type { LoginSessions } from "../../tokens/sessions.ts";
import type { Pages } from "../pages.ts";
import { callerOf, type Viewer } from "../viewer.ts";
import type { Visit } from "../visit.ts";
import { loginsOf, sessionsPage } from "./sessions-page.tsx";

export interface AccountOptions {
  readonly browserSessions: Pick<BrowserSessions, "ofClient" | "endOne">;
  readonly loginSessions: LoginSessions;
}

/** Only people who are signed in have an account; that they are is the audience of these pages. */
const signedIn = ({ viewer }: Visit): Viewer => {
  if (!viewer) throw new Problem(401, "You need to sign in to access this page.");
  return viewer;
};

export const accountPages = (pages: Pages, { browserSessions, loginSessions }: AccountOptions): Route[] => [
  pages.show(
    { path: "/sessions", id: "showSessions", summary: "The viewer's logins", audience: ROLES },
    async (visit) => {
      const viewer = signedIn(visit);
      const [browsers, commandLines] = await Promise.all([
        browserSessions.ofClient(viewer.clientId, visit.request),
        loginSessions.list(callerOf(viewer), undefined),
      ]);
      return sessionsPage(loginsOf(browsers, commandLines));
    },
  ),
  pages.act(
    { path: "/sessions/end", id: "endSessionOnPage", summary: "Ends one of the viewer's logins", audience: ROLES },
    async (visit, _params, form) => {
      const viewer = signedIn(visit);
      const id = form.get("id") ?? "";
      if (form.get("place") === "browser") await browserSessions.endOne(id, viewer.clientId, visit.context);
      else await loginSessions.end(id, callerOf(viewer), visit.context);
      return "/sessions";
    },
  ),
];
