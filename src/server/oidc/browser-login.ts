import { type AttemptLimit, countedAddress } from "../http/attempt-limit.ts";
import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import type { BrowserSessions } from "../sessions/browser-sessions.ts";
import { StoreUnavailable } from "../store/store.ts";
import type { RandomBytes } from "../tokens/random.ts";
import type { Admission } from "./admission.ts";
import { LoginRefused } from "./faults.ts";
import type { PendingLogin, PendingLogins } from "./pending-logins.ts";
import type { IdentityProvider } from "./provider.ts";
import { returnPath } from "./return-path.ts";

export interface BrowserLoginOptions {
  provider: IdentityProvider;
  admission: Admission;
  sessions: BrowserSessions;
  pending: PendingLogins;
  /** Of failed logins, by address. */
  failures: AttemptLimit;
  events: SecurityEvents;
  random: RandomBytes;
  /** Does the provider know this server's home page as a place to return to after a logout? */
  returnFromLogout: boolean;
}

/** 256 bits: nobody guesses a state, a nonce or a code verifier (RFC 7636 section 7.1). */
const SECRET_BYTES = 32;

const CALLBACK = "/auth/callback";

/** Where the browser goes next, and the cookies that it gets on the way. */
export interface Step {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** A login that has failed for good; the page that tells why offers to begin again. */
export class BrowserLoginFailed extends Error {
  override readonly name = "BrowserLoginFailed";

  constructor(
    override readonly cause: unknown,
    readonly cookies: readonly string[],
    readonly returnTo: string,
  ) {
    super("browser login failed", { cause });
  }
}

/** Logins of people in their browsers, by the authorization code grant with PKCE (auth section 6, design section 3). */
export class BrowserLogin {
  constructor(private readonly options: BrowserLoginOptions) {}

  /** @param wanted the page that was first asked for */
  async begin(wanted: string | null, request: Request, context: RequestContext): Promise<Step> {
    const { provider, pending, random } = this.options;
    const secret = () => Buffer.from(random(SECRET_BYTES)).toString("base64url");
    const login = { state: secret(), nonce: secret(), codeVerifier: secret(), returnTo: returnPath(wanted) };
    const url = await provider.code.authorizationUrl({ ...login, redirectUri: context.origin + CALLBACK });
    return { location: url.href, cookies: [await pending.add(login, request, context)] };
  }

  /**
   * Finishes a login with what the provider sent. An answer to nothing that this browser has begun leads home.
   *
   * @throws BrowserLoginFailed
   */
  async finish(answer: URLSearchParams, request: Request, context: RequestContext): Promise<Step> {
    const { failures, events } = this.options;
    let failure: Failure | undefined;
    const attempt = async () => {
      const outcome = await this.outcomeOf(answer, request, context);
      if ("location" in outcome) return outcome;
      failure = outcome;
      // Nobody has guessed wrong.
      if (outcome.error instanceof StoreUnavailable) throw outcome.error;
      return null;
    };
    const step = await failures.attempt(countedAddress(context), context, attempt).catch((error: unknown) => {
      if (!failure) throw error;
      return null;
    });
    if (step) return step;
    const { reason, error, cookies, returnTo } = failure as Failure;
    const description = `OIDC authentication failed: ${reason}`;
    events.emit("WARNING", "authn_login_fail", ["unknown"], description, context);
    if (error === undefined) return { location: returnTo, cookies };
    throw new BrowserLoginFailed(error, cookies, returnTo);
  }

  /** Ends the session here, and names the place where the login at the provider ends, if there is one. */
  async logOut(request: Request, context: RequestContext): Promise<Step> {
    const { sessions, provider, returnFromLogout } = this.options;
    const ended = await sessions.end(request, context);
    const cookies = [sessions.forget(context)];
    if (!ended) return { location: "/", cookies };
    // Whatever state the provider is in, the person is logged out here.
    const url = await provider.code
      .endSessionUrl({ idToken: ended.idToken, ...(returnFromLogout ? { returnTo: `${context.origin}/` } : {}) })
      .catch(() => undefined);
    return { location: url?.href ?? "/", cookies };
  }

  private async outcomeOf(answer: URLSearchParams, request: Request, context: RequestContext): Promise<Step | Failure> {
    const { login, began, setCookie } = await this.options.pending.take(answer.get("state"), request, context);
    if (login) return this.admit(login, answer, setCookie, request, context);
    const failure = {
      reason: "state of no login that is pending in this browser",
      cookies: [setCookie],
      returnTo: "/",
    };
    if (!began) return failure;
    const error = new LoginRefused(400, "The login took too long, or was begun in another tab.", "unknown state");
    return { ...failure, error };
  }

  private async admit(
    login: PendingLogin,
    answer: URLSearchParams,
    setCookie: string,
    request: Request,
    context: RequestContext,
  ): Promise<Step | Failure> {
    const { provider, admission, sessions, events } = this.options;
    try {
      const grant = await provider.code.redeem(answer, { ...login, redirectUri: context.origin + CALLBACK });
      const client = await admission.admit(grant, context);
      // Last: whoever is refused up to here is not signed in (auth section 8, no. 3).
      const session = await sessions.begin(client, grant.idToken, request, context);
      const role = client.permissions.role ?? "contributor";
      const description = `${client.id} with role ${role} logged in in a browser`;
      events.emit("INFO", "authn_login_success", [client.id], description, context);
      return { location: login.returnTo, cookies: [setCookie, session] };
    } catch (error) {
      return { reason: reasonOf(error), error, cookies: [setCookie], returnTo: login.returnTo };
    }
  }
}

/** A login that has come to nothing. Without an error it was none of this browser's, and nobody has to be told. */
interface Failure {
  /** For the audit log. */
  readonly reason: string;
  readonly error?: unknown;
  readonly cookies: readonly string[];
  readonly returnTo: string;
}

function reasonOf(error: unknown): string {
  if (error instanceof LoginRefused) return error.reason;
  return error instanceof StoreUnavailable ? "the database could not be reached" : "the provider could not be asked";
}
