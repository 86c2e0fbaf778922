import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { RefreshToken, RefreshTokenStore } from "../store/refresh-tokens.ts";

export interface LoginSessionsOptions {
  refreshTokens: RefreshTokenStore;
  events: SecurityEvents;
  now: () => Date;
}

/** A login that can still get access tokens. */
export type LoginSession = RefreshToken & {
  /** Is it the one that the caller uses? */
  readonly current: boolean;
};

/** Logins, which their owner can see and end; an addition to the reference (design section 4). */
export class LoginSessions {
  constructor(private readonly options: LoginSessionsOptions) {}

  /** @param clientId whose; the caller's own by default, others for admins only */
  async list(caller: Caller, clientId: string | undefined): Promise<LoginSession[]> {
    const owner = clientId ?? caller.clientId;
    if (owner !== caller.clientId && caller.role !== "admin")
      throw new Problem(403, "Only admins may see the logins of others");
    // Who is nobody in particular has not logged in.
    if (owner === null) return [];
    const tokens = await this.options.refreshTokens.ofClient(owner, this.options.now());
    return tokens.map((token) => ({ ...token, current: token.id === caller.session }));
  }

  /** Ends a login: its refresh token is worthless at once, access tokens when they expire. */
  async end(id: string, caller: Caller, context: RequestContext): Promise<void> {
    const { refreshTokens, events } = this.options;
    const isOwn = caller.role === "admin" || (await this.list(caller, undefined)).some((session) => session.id === id);
    // Ids of others look like none, so that nobody can find out which exist.
    if (!isOwn || !(await refreshTokens.revoke(id))) throw new Problem(404, "There is no such login");
    events.emit(
      "INFO",
      "authn_token_revoked",
      [String(caller.clientId), id],
      `${caller.clientId} ended login ${id}`,
      context,
    );
  }
}
