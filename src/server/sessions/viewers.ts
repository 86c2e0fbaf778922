import { roleOf } from "../permissions/role-of.ts";
import type { Viewer, Viewers } from "../web/viewer.ts";
import type { BrowserSessions } from "./browser-sessions.ts";

/** Who looks at a page, by the session of their browser. */
export class SessionViewers implements Viewers {
  constructor(private readonly sessions: Pick<BrowserSessions, "signedIn" | "had">) {}

  async of(request: Request, isVisit?: boolean): Promise<Viewer | null> {
    const signedIn = await this.sessions.signedIn(request, isVisit);
    if (!signedIn) return null;
    const { client, session } = signedIn;
    const { id, name, permissions } = client;
    return { name: name || id, clientId: id, role: roleOf(client), permissions, session: session.id };
  }

  hadSession(request: Request): boolean {
    return this.sessions.had(request);
  }
}
