import { countedAddress } from "../http/attempt-limit.ts";
import type { Caller } from "../http/caller.ts";
import type { Limits } from "../http/limits.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import { isGroupId } from "../permissions/groups.ts";
import type { Client } from "../store/clients.ts";
import type { Store } from "../store/store.ts";
import { type BasicCredentials, basicCredentials } from "./basic-credentials.ts";
import { secretMatches } from "./client-secret.ts";
import type { RefreshAnswer, TokenIssuer, TokenPair } from "./issuer.ts";
import type { Refreshing } from "./refreshing.ts";

export interface TokenServiceOptions {
  store: Pick<Store, "clients" | "refreshTokens">;
  issuer: TokenIssuer;
  refreshing: Refreshing;
  limits: Pick<Limits, "tokenByAddress" | "tokenByClient">;
  events: SecurityEvents;
}

const WRONG = "Invalid client id or client key";

/** Logins with a password, and what happens to refresh tokens (server-api sections 6.28-6.30, auth section 3). */
export class TokenService {
  constructor(private readonly options: TokenServiceOptions) {}

  /** @param authorization the request's Authorization header */
  async login(authorization: string | null, context: RequestContext): Promise<TokenPair> {
    const client = await this.authenticate(authorization, context);
    const pair = await this.options.issuer.pair(client, "secret", context);
    await this.assertUnchanged(client, pair, context);
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

  /**
   * The client that proves who it is by its id and secret.
   *
   * @param authorization the request's Authorization header
   * @throws Problem 401, and 429 after too many failures
   */
  async authenticate(authorization: string | null, context: RequestContext): Promise<Client> {
    const credentials = basicCredentials(authorization);
    if (credentials === "missing")
      throw this.loginFailure("unknown", "missing authorization header", context, "No authorization header specified");
    if (credentials === "unusable")
      throw this.loginFailure(
        "unknown",
        "incomplete credentials",
        context,
        "Client id and key must be specified in authorization header",
      );
    return this.clientWith(credentials, context);
  }

  /** Tells the audit log of a login that has failed; the answer to it. */
  loginFailure(who: string, reason: string, context: RequestContext, answer = WRONG): Problem {
    this.options.events.emit("WARNING", "authn_login_fail", [who], `Login of ${who} failed: ${reason}`, context);
    return new Problem(401, answer, { form: "text", headers: { "www-authenticate": 'Basic realm="testflinger"' } });
  }

  /**
   * A new access token with the permissions that the client has now.
   *
   * @param rotate the client keeps the refresh token that comes with it, in place of the old one
   */
  async refresh(token: string, rotate: boolean, context: RequestContext): Promise<RefreshAnswer> {
    const { store, issuer, events, refreshing } = this.options;
    const login = await refreshing.living(token, context);
    const client = await store.clients.find(login.clientId);
    // The reference issues a token that nobody can use here.
    if (!client || client.disabled || isGroupId(client.id))
      throw new Problem(400, "Invalid refresh token.", {
        log: `refresh token ${login.id} belongs to a client that is deleted or disabled, or to a group`,
      });
    const refresh_token = await refreshing.use(login, token, rotate, context);
    const answer = await issuer.access(client, login.id);
    const created = [client.id, client.permissions.role ?? ""];
    events.emit("INFO", "authn_token_created", created, `Access token refreshed for client ${client.id}`, context);
    return { ...answer, ...(refresh_token === undefined ? {} : { refresh_token }) };
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

  /** Whose id and secret these are. Only failures count towards the limits: a lab's agents may all log in at once from one address. */
  private async clientWith({ id, secret }: BasicCredentials, context: RequestContext): Promise<Client> {
    const { store, limits } = this.options;
    const address = countedAddress(context);
    const check = async () => {
      const client = await store.clients.find(id);
      // A database of the reference may hold a client by the name of a group, which it does not know.
      const hash = isGroupId(id) ? undefined : client?.secretHash;
      return (await secretMatches(secret, hash)) ? client : null;
    };
    const client = await limits.tokenByAddress.attempt(address, context, () =>
      limits.tokenByClient.attempt(id, context, check, address),
    );
    if (!client) throw this.loginFailure(id || "unknown", "wrong credentials", context);
    if (client.disabled) throw this.loginFailure(id, "the account is disabled", context);
    return client;
  }

  /** Whoever ends all logins of a client must not miss one that was under way with the former secret. */
  private async assertUnchanged(client: Client, { refresh_token }: TokenPair, context: RequestContext): Promise<void> {
    const { clients, refreshTokens } = this.options.store;
    const present = await clients.find(client.id);
    if (present && !present.disabled && present.secretHash === client.secretHash) return;
    const login = await refreshTokens.find(refresh_token);
    if (login) await refreshTokens.revoke(login.id);
    throw this.loginFailure(client.id, "the client has changed meanwhile", context);
  }
}
