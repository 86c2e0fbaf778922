import type { Caller } from "../http/caller.ts";
import { PermissionDenied, Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { BrowserSession } from "../store/browser-sessions.ts";
import type { LoginKind, RefreshToken } from "../store/refresh-tokens.ts";
import type { Store } from "../store/store.ts";

export interface LoginSessionsOptions {
  store: Pick<Store, "refreshTokens" | "browserSessions">;
  events: SecurityEvents;
  now: () => Date;
}

/** What the owner of a login recognises it by. `unknown`: the reference has made it, or an earlier version. */
export type SessionKind = LoginKind | "browser" | "unknown";

/** A login that has not ended, wherever it is (ASVS 5.0 control 7.5.2). */
export interface LoginSession {
  /** To end it by; no credential, neither what a browser holds nor a token. */
  readonly id: string;
  readonly clientId: string;
  readonly kind: SessionKind;
  readonly begunAt: Date;
  readonly lastUsedAt: Date;
  /** When it ends by itself, however much it is used; absent: never. */
  readonly endsAt?: Date;
  /** Where it was last used from. */
  readonly address?: string;
  /** Is it the one that the caller uses? */
  readonly current: boolean;
}

/** Logins of the command line and of browsers, which their owner can see and end; an addition to the reference (design section 4). */
export class LoginSessions {
  constructor(private readonly options: LoginSessionsOptions) {}

  /**
   * Newest first.
   *
   * @param clientId whose; the caller's own by default, others for admins only
   */
  async list(caller: Caller, clientId: string | undefined): Promise<LoginSession[]> {
    const owner = clientId ?? caller.clientId;
    if (owner !== caller.clientId && caller.role !== "admin")
      throw new PermissionDenied(caller.clientId, 403, "Only admins may see the logins of others");
    // Who is nobody in particular has not logged in.
    return owner === null ? [] : this.ofClient(owner, caller.session);
  }

  /**
   * Ends a login at once: a browser is signed out, a refresh token worthless. Access tokens that are out read on until they expire, and change
   * nothing any more for admins and managers.
   */
  async end(id: string, caller: Caller, context: RequestContext): Promise<void> {
    const login = await this.find(id);
    const isOwn = login !== null && (caller.role === "admin" || login.clientId === caller.clientId);
    // Ids of others look like none, so that nobody can find out which exist.
    if (!isOwn || !(await this.endOne(login, String(caller.clientId), context)))
      throw new Problem(404, "There is no such login");
  }

  /**
   * Logs a client out everywhere.
   *
   * @param by whom the audit log names
   * @returns what has ended
   */
  async endAll(clientId: string, by: string, context?: RequestContext): Promise<LoginSession[]> {
    const ended: LoginSession[] = [];
    for (const login of await this.ofClient(clientId, undefined))
      if (await this.endOne(login, by, context)) ended.push(login);
    return ended;
  }

  private async ofClient(clientId: string, current: string | undefined): Promise<LoginSession[]> {
    const { store, now } = this.options;
    const [tokens, browsers] = await Promise.all([
      store.refreshTokens.ofClient(clientId, now()),
      store.browserSessions.ofClient(clientId, now()),
    ]);
    return [...tokens.map(ofToken), ...browsers.map(ofBrowser)]
      .map((login) => ({ ...login, current: login.id === current }))
      .toSorted((a, b) => b.begunAt.getTime() - a.begunAt.getTime());
  }

  private async find(id: string): Promise<Login | null> {
    const { store, now } = this.options;
    const token = await store.refreshTokens.living(id, now());
    if (token) return ofToken(token);
    const browser = await store.browserSessions.living(id, now());
    return browser && ofBrowser(browser);
  }

  private async endOne({ id, clientId, kind }: Login, by: string, context?: RequestContext): Promise<boolean> {
    const { store, events } = this.options;
    const description = `${by} ended login ${id} (${kind}) of client ${clientId}`;
    if (kind === "browser") {
      if (!(await store.browserSessions.end(id))) return false;
      events.emit("INFO", "session_expired", [clientId, "ended"], description, context);
    } else {
      if (!(await store.refreshTokens.revoke(id))) return false;
      events.emit("INFO", "authn_token_revoked", [clientId, id], description, context);
    }
    return true;
  }
}

type Login = Omit<LoginSession, "current">;

const ofToken = ({ id, clientId, kind, issuedAt, lastAccessed, expiresAt, address }: RefreshToken): Login => ({
  id,
  clientId,
  kind: kind ?? "unknown",
  begunAt: issuedAt,
  lastUsedAt: lastAccessed,
  endsAt: expiresAt,
  address,
});

const ofBrowser = ({ id, clientId, createdAt, lastSeenAt, expiresAt, address }: BrowserSession): Login => ({
  id,
  clientId,
  kind: "browser",
  begunAt: createdAt,
  lastUsedAt: lastSeenAt,
  endsAt: expiresAt,
  address,
});
