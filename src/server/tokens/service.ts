import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { RefreshToken } from "../store/refresh-tokens.ts";
import type { Store } from "../store/store.ts";
import { basicCredentials } from "./basic-credentials.ts";
import { secretMatches } from "./client-secret.ts";
import type { AccessTokenAnswer, TokenIssuer, TokenPair } from "./issuer.ts";

export interface TokenServiceOptions {
  store: Pick<Store, "clients" | "refreshTokens">;
  issuer: TokenIssuer;
  events: SecurityEvents;
  now: () => Date;
}

/** Logins with a password, and what happens to refresh tokens (server-api sections 6.28-6.30, auth section 3). */
export class TokenService {
  constructor(private readonly options: TokenServiceOptions) {}

  /** @param authorization the request's Authorization header */
  async login(authorization: string | null, context: RequestContext): Promise<TokenPair> {
    const credentials = basicCredentials(authorization);
    if (credentials === "missing")
      throw this.loginFailure("unknown", "missing authorization header", "No authorization header specified", context);
    if (credentials === "unusable")
      throw this.loginFailure(
        "unknown",
        "incomplete credentials",
        "Client id and key must be specified in authorization header",
        context,
      );
    const client = await this.options.store.clients.find(credentials.id);
    if (!(await secretMatches(credentials.secret, client?.secretHash)) || !client)
      throw this.loginFailure(
        credentials.id || "unknown",
        "wrong credentials",
        "Invalid client id or client key",
        context,
      );
    const pair = await this.options.issuer.pair(client);
    const { events } = this.options;
    const role = client.permissions.role ?? "";
    events.emit("INFO", "authn_token_created", [client.id, role], `Tokens issued to client ${client.id}`, context);
    events.emit(
      "INFO",
      "authn_login_success",
      [client.id],
      `Client ${client.id} with role ${role || "contributor"} logged in`,
      context,
    );
    return pair;
  }

  /** A new access token with the permissions that the client has now. */
  async refresh(token: string, context: RequestContext): Promise<AccessTokenAnswer> {
    const { store, issuer, events, now } = this.options;
    const record = await store.refreshTokens.find(token);
    if (!record) throw new Problem(400, "Invalid refresh token.");
    if (record.revoked) throw this.reuse(record, "revoked", "Refresh token revoked.", context);
    if (record.expiresAt && record.expiresAt <= now())
      throw this.reuse(record, "expired", "Refresh token expired", context);
    const client = await store.clients.find(record.clientId);
    // The reference issues a token that nobody can use here.
    if (!client)
      throw new Problem(400, "Invalid refresh token.", {
        log: `refresh token ${record.id} belongs to a deleted client`,
      });
    await store.refreshTokens.touch(record.id, now());
    const answer = await issuer.access(client, record.id);
    const created = [client.id, client.permissions.role ?? ""];
    events.emit("INFO", "authn_token_created", created, `Access token refreshed for client ${client.id}`, context);
    return answer;
  }

  /** A refresh request whose body was refused. */
  refreshRefused(problem: Problem, context: RequestContext): void {
    const description = `Refresh token request rejected: ${JSON.stringify(problem.detail)}`;
    this.options.events.emit("WARNING", "authn_login_fail", ["unknown"], description, context);
  }

  async revoke(token: string, caller: Caller, context: RequestContext): Promise<void> {
    const { store, events } = this.options;
    const record = await store.refreshTokens.find(token);
    if (!record) throw new Problem(400, "Refresh token not found");
    if (!(await store.refreshTokens.revoke(record.id)))
      throw new Problem(400, "Refresh token has already been revoked");
    const description = `${caller.clientId} revoked a refresh token of client ${record.clientId}`;
    events.emit("INFO", "authn_token_revoked", [record.clientId, record.id], description, context);
  }

  private loginFailure(who: string, reason: string, answer: string, context: RequestContext): Problem {
    this.options.events.emit("WARNING", "authn_login_fail", [who], `Login of ${who} failed: ${reason}`, context);
    return new Problem(401, answer, { form: "text", headers: { "www-authenticate": 'Basic realm="testflinger"' } });
  }

  private reuse(record: RefreshToken, state: string, answer: string, context: RequestContext): Problem {
    const description = `Client ${record.clientId} used a refresh token that is ${state}`;
    this.options.events.emit("CRITICAL", "authn_token_reuse", [record.clientId, record.id], description, context);
    return new Problem(400, answer);
  }
}
