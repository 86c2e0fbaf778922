import { isPlainObject } from "../../shared/plain-object.ts";
import type { RequestContext } from "../http/request-context.ts";
import { Cookie, MAX_COOKIE_VALUE } from "../sessions/cookie.ts";
import { type Seal, SealBroken } from "./seal.ts";

/** A browser login between its start and the provider's answer. */
export interface PendingLogin {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** The page that was first asked for. */
  readonly returnTo: string;
  readonly startedAt: number;
}

/** Seconds for a login at the provider; some people have to look for their second factor. */
const LIFETIME = 900;

/** Logins that one browser may have open, in as many tabs. */
const MAX_PENDING = 5;

const PURPOSE = "pending logins";

/**
 * The logins that a browser has begun, sealed in a cookie of its own: they bind the provider's answer to the browser that asked, cost the server
 * nothing however many are begun, and are few. (The reference adds one to the session for every login that nobody finishes.)
 */
export class PendingLogins {
  private readonly cookie = new Cookie({ name: "testflinger-login", maxAge: LIFETIME });

  constructor(
    private readonly seal: Seal,
    private readonly now: () => Date,
  ) {}

  /** @returns the `Set-Cookie` header */
  async add(login: Omit<PendingLogin, "startedAt">, request: Request, context: RequestContext): Promise<string> {
    const pending = [{ ...login, startedAt: this.now().getTime() }, ...(await this.of(request, context))];
    return this.keep(pending.slice(0, MAX_PENDING), context);
  }

  /**
   * The login that the provider answers to; it is pending no more.
   *
   * @returns no login for a state that this browser has not sent, or too long ago. The `Set-Cookie` header is for the answer in any case
   */
  async take(
    state: string | null,
    request: Request,
    context: RequestContext,
  ): Promise<{ login?: PendingLogin; began: boolean; setCookie: string }> {
    const pending = await this.of(request, context);
    const login = pending.find((one) => one.state === state);
    const setCookie = await this.keep(
      pending.filter((one) => one !== login),
      context,
    );
    return { ...(login ? { login } : {}), began: this.cookie.read(request, context) !== undefined, setCookie };
  }

  private async of(request: Request, context: RequestContext): Promise<PendingLogin[]> {
    const sealed = this.cookie.read(request, context);
    if (sealed === undefined) return [];
    try {
      const earliest = this.now().getTime() - LIFETIME * 1000;
      return pendingIn(await this.seal.open(sealed, PURPOSE)).filter(({ startedAt }) => startedAt > earliest);
    } catch (error) {
      if (error instanceof SealBroken) return [];
      throw error;
    }
  }

  /** As many of them, newest first, as a cookie holds. */
  private async keep(pending: readonly PendingLogin[], context: RequestContext): Promise<string> {
    if (pending.length === 0) return this.cookie.clear(context);
    const sealed = await this.seal.seal(JSON.stringify(pending), PURPOSE);
    return sealed.length <= MAX_COOKIE_VALUE
      ? this.cookie.set(sealed, context)
      : this.keep(pending.slice(0, -1), context);
  }
}

/** What we have sealed ourselves, perhaps in an older version. */
function pendingIn(text: string): PendingLogin[] {
  const value: unknown = JSON.parse(text);
  const isPending = (one: unknown): one is PendingLogin =>
    isPlainObject(one) &&
    ["state", "nonce", "codeVerifier", "returnTo"].every((name) => typeof one[name] === "string") &&
    typeof one.startedAt === "number";
  return Array.isArray(value) ? value.filter(isPending) : [];
}
