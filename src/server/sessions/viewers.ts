import { roleOf } from "../permissions/role-of.ts";
import type { Viewer, Viewers } from "../web/viewer.ts";
import type { BrowserSessions } from "./browser-sessions.ts";

/** Who looks at a page, by the session of their browser. */
export class SessionViewers implements Viewers {
  constructor(private readonly sessions: Pick<BrowserSessions, "clientOf">) {}

  async of(request: Request): Promise<Viewer | null> {
    const client = await this.sessions.clientOf(request);
    if (!client) return null;
    const { id, name, permissions } = client;
    return { name: name || id, clientId: id, role: roleOf(client), permissions };
  }
}
