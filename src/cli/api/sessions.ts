import { path, query } from "./path.ts";
import type { Requester } from "./requester.ts";
import { arrayOf, isText, objectWith } from "./shapes.ts";

/** A login that the server remembers: one refresh token or its descendants. */
export interface LoginSession {
  readonly id: string;
  readonly [field: string]: unknown;
}

/** Requests about logins; only for servers that list the feature `sessions` (design section 4). */
export class Sessions {
  constructor(private readonly requester: Requester) {}

  /** The caller's own, or for admins those of another client. */
  list(clientId?: string): Promise<LoginSession[]> {
    const target = path`/v1/oauth2/sessions` + query([["client_id", clientId]]);
    return this.requester.getJson(target, arrayOf(objectWith<LoginSession>({ id: isText })));
  }

  async end(id: string): Promise<void> {
    await this.requester.send("DELETE", path`/v1/oauth2/sessions/${id}`);
  }

  /** For admins: makes a refresh token worthless (server-api section 6.30). */
  async revoke(refreshToken: string): Promise<void> {
    await this.requester.send("POST", path`/v1/oauth2/revoke`, { refresh_token: refreshToken });
  }
}
