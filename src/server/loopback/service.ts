import { type AttemptLimit, countedAddress } from "../http/attempt-limit.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { Client } from "../store/clients.ts";
import type { Store } from "../store/store.ts";
import type { TokenIssuer, TokenPair } from "../tokens/issuer.ts";
import type { AuthorizationRequest } from "./authorization-request.ts";
import type { CodeOwner, Codes, CodeUse, Redemption } from "./codes.ts";

export interface LoopbackLoginOptions {
  codes: Codes;
  store: Pick<Store, "clients" | "browserSessions" | "refreshTokens">;
  issuer: TokenIssuer;
  /** Of failed logins, by address. */
  failures: AttemptLimit;
  events: SecurityEvents;
  now: () => Date;
}

/** Logins of the command line on the machine that the browser runs on (RFC 8252): without a device code that somebody could be talked into entering. */
export class LoopbackLogin {
  constructor(private readonly options: LoopbackLoginOptions) {}

  /** A code for the person who has allowed the login. */
  allow(owner: CodeOwner, request: AuthorizationRequest): Promise<string> {
    return this.options.codes.issue(owner, request);
  }

  /** Tokens for a code, once. */
  async redeem(redemption: Redemption, context: RequestContext): Promise<TokenPair> {
    const { failures, events } = this.options;
    const login = await failures.attempt(countedAddress(context), context, () => this.tokensFor(redemption, context));
    if (!login) {
      const description = "Login by code failed: the code is unknown, used, expired or for somebody else";
      events.emit("WARNING", "authn_login_fail", ["unknown"], description, context);
      throw new Problem(400, "The code is not valid, or not any more. Please log in again.");
    }
    const { client, tokens } = login;
    const role = client.permissions.role ?? "";
    events.emit(
      "INFO",
      "authn_token_created",
      [client.id, role],
      `Tokens issued to client ${client.id} for a code`,
      context,
    );
    const description = `${client.id} with role ${role || "contributor"} logged in by the browser of the same machine`;
    events.emit("INFO", "authn_login_success", [client.id], description, context);
    return tokens;
  }

  private async tokensFor(
    redemption: Redemption,
    context: RequestContext,
  ): Promise<{ client: Client; tokens: TokenPair } | null> {
    const { codes, store, issuer } = this.options;
    const use = await codes.redeem(redemption);
    if (use && !use.isFirst) await this.endLoginsBy(use, context);
    const client = use?.isFirst ? await store.clients.find(use.clientId) : null;
    if (!use || !client || client.disabled) return null;
    const tokens = await issuer.pair(client, "cli", context);
    // A second use meanwhile has not found the login to end it.
    if ((await this.isSignedIn(use)) && !(await codes.isUsedAgain(use))) return { client, tokens };
    const login = await store.refreshTokens.find(tokens.refresh_token);
    if (login) await store.refreshTokens.revoke(login.id);
    return null;
  }

  /**
   * Of two who prove that they began one login, one has stolen it, and perhaps came first (RFC 6749 section 4.1.2). What the code gave cannot be told
   * from another command-line login of the person in the same minute, so that one ends as well.
   */
  private async endLoginsBy({ clientId, issuedAt }: CodeUse, context: RequestContext): Promise<void> {
    const { store, events, now } = this.options;
    for (const { id, kind, issuedAt: begun } of await store.refreshTokens.ofClient(clientId, now())) {
      if (kind !== "cli" || begun < issuedAt || !(await store.refreshTokens.revoke(id))) continue;
      const description = `The code of a login of client ${clientId} was used again; login ${id} has ended`;
      events.emit("CRITICAL", "authn_token_reuse", [clientId, id], description, context);
    }
  }

  /** Asked after the tokens are there: whoever ends all logins of a person finds them, or has ended the session before. */
  private async isSignedIn({ clientId, session }: CodeOwner): Promise<boolean> {
    const { store, now } = this.options;
    return (await store.browserSessions.ofClient(clientId, now())).some(({ id }) => id === session);
  }
}
