import { countedAddress } from "../http/attempt-limit.ts";
import type { Limits } from "../http/limits.ts";
import { Problem } from "../http/problem.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { RefreshToken, RefreshTokenStore } from "../store/refresh-tokens.ts";
import { REFRESH_TOKEN_LIFETIME } from "./issuer.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { possibleSuccessors, successorOf } from "./successor.ts";

export interface RefreshingOptions {
  refreshTokens: RefreshTokenStore;
  keys: SigningKeys;
  /** Seconds after which a login ends however often its token is replaced. */
  longestLogin: number;
  limits: Pick<Limits, "refreshByAddress" | "refreshByClient">;
  events: SecurityEvents;
  now: () => Date;
}

/**
 * Milliseconds for which a replaced token still gives its successor: answers get lost, and programs of one person share a token. Nobody is logged
 * out for that, and a thief has to be as fast (RFC 9700 section 4.14.2).
 */
const GRACE = 30_000;

/** What a refresh token is good for, and what becomes of it (auth section 3). */
export class Refreshing {
  constructor(private readonly options: RefreshingOptions) {}

  /** The login that the token may refresh. The use of a token that was replaced long ago ends it: one of two users is a thief. */
  async living(token: string, context: RequestContext): Promise<RefreshToken> {
    const { refreshTokens, limits, now } = this.options;
    const address = countedAddress(context);
    await limits.refreshByAddress.assertOpen(address);
    const login = await refreshTokens.find(token);
    if (!login) {
      await limits.refreshByAddress.admit(address, context);
      throw new Problem(400, "Invalid refresh token.");
    }
    if (login.revoked) throw await this.reuse(login, "revoked", "Refresh token revoked.", context);
    if (login.replaced && !this.isInGrace(login.replaced)) throw await this.endOf(login, context);
    if (login.expiresAt && login.expiresAt <= now())
      throw await this.reuse(login, "expired", "Refresh token expired", context);
    return login;
  }

  /** Notes the use of the token. With `rotate` it is replaced, by the token that comes back. */
  async use(login: RefreshToken, token: string, rotate: boolean, context: RequestContext): Promise<string | undefined> {
    const { refreshTokens, now } = this.options;
    if (!rotate) {
      await refreshTokens.touch(login.id, now(), context.sourceAddress);
      return undefined;
    }
    if (login.replaced) return this.presentToken(login, token, context);
    const successor = successorOf(token, this.options.keys);
    const next = { now: now(), expiresAt: this.nextExpiry(login), address: context.sourceAddress };
    if (await refreshTokens.replace(login.id, token, successor, next)) return successor;
    // Another request with the same token was faster, or the login was ended meanwhile.
    return this.presentToken(await this.living(token, context), token, context);
  }

  /** The successor of a token that was replaced a moment ago; it must be what the login has now. */
  private async presentToken(login: RefreshToken, token: string, context: RequestContext): Promise<string> {
    const { refreshTokens, keys } = this.options;
    for (const successor of possibleSuccessors(token, keys)) {
      const found = await refreshTokens.find(successor);
      if (found?.id === login.id && !found.replaced && !found.revoked) return successor;
    }
    throw await this.endOf(login, context);
  }

  private isInGrace({ at, byPresent }: NonNullable<RefreshToken["replaced"]>): boolean {
    return byPresent && this.options.now().getTime() - at.getTime() <= GRACE;
  }

  /** The time without use counts anew, within the login's whole time. What was promised before is kept. */
  private nextExpiry({ issuedAt, expiresAt }: RefreshToken): Date {
    const idle = this.options.now().getTime() + REFRESH_TOKEN_LIFETIME * 1000;
    // Old documents promise an endless life; a client that rotates can log in again.
    const promised = expiresAt?.getTime() ?? idle;
    return new Date(Math.max(promised, Math.min(idle, issuedAt.getTime() + this.options.longestLogin * 1000)));
  }

  private async endOf(login: RefreshToken, context: RequestContext): Promise<Problem> {
    await this.options.refreshTokens.revoke(login.id);
    return this.reuse(login, "replaced; the login has ended", "Refresh token revoked.", context);
  }

  /** Tells the audit log, but not without end: a program that goes on with a dead token would flood it. */
  private async reuse(
    { clientId, id }: RefreshToken,
    state: string,
    answer: string,
    context: RequestContext,
  ): Promise<Problem> {
    const { limits, events } = this.options;
    const address = countedAddress(context);
    await limits.refreshByClient.assertOpen(clientId);
    await limits.refreshByAddress.admit(address, context);
    await limits.refreshByClient.admit(clientId, context);
    const description = `Client ${clientId} used a refresh token that is ${state}`;
    events.emit("CRITICAL", "authn_token_reuse", [clientId, id], description, context);
    return new Problem(400, answer);
  }
}
