import type { RequestContext } from "../http/request-context.ts";
import type { SecurityEvents } from "../log/security-events.ts";
import { type Seal, SealBroken } from "../oidc/seal.ts";
import type { BrowserSession } from "../store/browser-sessions.ts";
import type { Client } from "../store/clients.ts";
import type { Store } from "../store/store.ts";
import type { RandomBytes } from "../tokens/random.ts";
import { isActivity } from "./activity.ts";
import { Cookie } from "./cookie.ts";

export interface BrowserSessionsOptions {
  store: Pick<Store, "browserSessions" | "clients">;
  /** WEB_SECRET_KEY: another key ends all sessions. */
  secret: string;
  /** For the provider's ID tokens. */
  seal: Seal;
  limits: SessionLimits;
  events: SecurityEvents;
  random: RandomBytes;
  now: () => Date;
  contextOf: (request: Request) => RequestContext;
}

/** In seconds. */
export interface SessionLimits {
  /** Without a request. */
  readonly idle: number;
  /** In all. */
  readonly absolute: number;
}

/** Bytes of a session's secret: 256 bits that nobody guesses (ASVS 5.0 control 7.2.3). */
const SECRET_BYTES = 32;

/** Milliseconds between two notes that the person was here: a page is more than one request. */
const TOUCH_INTERVAL = 60_000;

/** ID tokens are a few hundred bytes; a longer one is no reason to fail, the provider then just asks whom to log out. */
const MAX_ID_TOKEN = 16_384;

/** The logins of people in their browsers (ASVS 5.0 chapter 7). The browser holds a random value and nothing else. */
export class BrowserSessions {
  private readonly cookie: Cookie;
  private readonly limits: SessionLimits;

  constructor(private readonly options: BrowserSessionsOptions) {
    this.limits = options.limits;
    this.cookie = new Cookie({ name: "testflinger-session", maxAge: options.limits.absolute });
  }

  /**
   * Begins a session and ends the one that the browser had: nobody keeps a session that was theirs before somebody logged in with it.
   *
   * @returns the `Set-Cookie` header
   */
  async begin(client: Client, idToken: string, request: Request, context: RequestContext): Promise<string> {
    const { store, random, now, seal } = this.options;
    const former = await this.endFormer(request, context);
    const value = Buffer.from(random(SECRET_BYTES)).toString("base64url");
    const hash = this.hashOf(value);
    const start = now();
    await store.browserSessions.add({
      id: crypto.randomUUID(),
      hash,
      clientId: client.id,
      createdAt: start,
      lastSeenAt: start,
      idleUntil: later(start, this.limits.idle),
      expiresAt: later(start, this.limits.absolute),
      ...(context.sourceAddress === undefined ? {} : { address: context.sourceAddress }),
      ...(idToken.length <= MAX_ID_TOKEN ? { sealedIdToken: await seal.seal(idToken, hash) } : {}),
    });
    this.reportBegin(client, former, context);
    return this.cookie.set(value, context);
  }

  /** Who is signed in, as the account is now; null for nobody, and when the account is gone or disabled. */
  async clientOf(request: Request): Promise<Client | null> {
    return (await this.signedIn(request))?.client ?? null;
  }

  /**
   * Who is signed in, and by which session; null as above.
   *
   * @param isVisit is it the person who asks, so that the session is in use?
   */
  async signedIn(
    request: Request,
    isVisit = isActivity(request),
  ): Promise<{ client: Client; session: BrowserSession } | null> {
    const context = this.options.contextOf(request);
    const session = await this.find(request, context);
    if (!session) return null;
    const client = await this.options.store.clients.find(session.clientId);
    if (!client || client.disabled) return null;
    if (isVisit) await this.noteVisit(session, context);
    return { client, session };
  }

  /** Has the browser had a session, whatever has become of it? */
  had(request: Request): boolean {
    return this.cookie.read(request, this.options.contextOf(request)) !== undefined;
  }

  /** Ends the session of the browser, if there is one. */
  async end(request: Request, context: RequestContext): Promise<{ ended: BrowserSession; idToken?: string } | null> {
    const session = await this.find(request, context);
    if (!session || !(await this.options.store.browserSessions.end(session.id))) return null;
    const { events } = this.options;
    const description = `${session.clientId} has signed out of a browser`;
    events.emit("INFO", "session_expired", [session.clientId, "signed out"], description, context);
    return { ended: session, idToken: await this.idTokenOf(session) };
  }

  /** Removes sessions whose time is over, and tells the audit log. To be called now and then. */
  async removeExpired(): Promise<void> {
    const { store, events, now } = this.options;
    for (const { clientId, idleUntil, expiresAt } of await store.browserSessions.takeExpired(now())) {
      const why = idleUntil < expiresAt ? "idle" : "time over";
      events.emit("INFO", "session_expired", [clientId, why], `A browser session of ${clientId} has ended: ${why}`);
    }
  }

  /** The `Set-Cookie` header that makes the browser forget its session. */
  forget(context: RequestContext): string {
    return this.cookie.clear(context);
  }

  private async find(request: Request, context: RequestContext): Promise<BrowserSession | null> {
    const value = this.cookie.read(request, context);
    return value === undefined ? null : this.options.store.browserSessions.find(this.hashOf(value), this.options.now());
  }

  private async noteVisit(
    { id, lastSeenAt }: BrowserSession,
    { sourceAddress: address }: RequestContext,
  ): Promise<void> {
    const now = this.options.now();
    if (now.getTime() - lastSeenAt.getTime() < TOUCH_INTERVAL) return;
    const idleUntil = later(now, this.limits.idle);
    await this.options.store.browserSessions.touch(id, { lastSeenAt: now, idleUntil, address });
  }

  /** The session that the browser comes to a login with. */
  private async endFormer(request: Request, context: RequestContext): Promise<BrowserSession | null> {
    const former = await this.find(request, context);
    return former && (await this.options.store.browserSessions.end(former.id)) ? former : null;
  }

  private reportBegin({ id }: Client, former: BrowserSession | null, context: RequestContext): void {
    const { events } = this.options;
    if (former?.clientId === id) {
      events.emit("INFO", "session_renewed", [id], `${id} has signed in again in a browser`, context);
      return;
    }
    if (former) {
      const description = `${former.clientId} is signed out of a browser in which ${id} has logged in`;
      events.emit("INFO", "session_expired", [former.clientId, "replaced"], description, context);
    }
    events.emit("INFO", "session_created", [id], `${id} is signed in in a browser`, context);
  }

  private async idTokenOf({ sealedIdToken, hash }: BrowserSession): Promise<string | undefined> {
    try {
      return sealedIdToken && (await this.options.seal.open(sealedIdToken, hash));
    } catch (error) {
      // The server's keys have changed since; the provider asks the person instead.
      if (error instanceof SealBroken) return undefined;
      throw error;
    }
  }

  /** With the key, so that what stands in the database cannot be made into a cookie or a cookie's hash without it. */
  private hashOf(value: string): string {
    return new Bun.CryptoHasher("sha256", this.options.secret).update(value).digest("hex");
  }
}

const later = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);
