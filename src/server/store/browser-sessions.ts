/** A person's login in a browser. The cookie's value is kept as a hash only. */
export interface BrowserSession {
  /** Identifies the session in logs and lists; worthless as a credential. */
  readonly id: string;
  /** Of the cookie's value. */
  readonly hash: string;
  readonly clientId: string;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  /** It ends here unless the person comes back before. */
  readonly idleUntil: Date;
  /** It ends here whatever happens. */
  readonly expiresAt: Date;
  /** Where it was last used from, as far as that is known. */
  readonly address?: string;
  /** The provider's ID token, sealed: names the login that is to end there as well. */
  readonly sealedIdToken?: string;
}

/** A session counts as long as neither `idleUntil` nor `expiresAt` has come. */
export interface BrowserSessionStore {
  add(session: BrowserSession): Promise<void>;
  find(hash: string, now: Date): Promise<BrowserSession | null>;
  /** The person was here. */
  touch(id: string, seen: Pick<BrowserSession, "lastSeenAt" | "idleUntil" | "address">): Promise<void>;
  /** By its id, not by what the browser holds. */
  living(id: string, now: Date): Promise<BrowserSession | null>;
  /** False if there was none. */
  end(id: string): Promise<boolean>;
  /** Of one client, newest first. */
  ofClient(clientId: string, now: Date): Promise<BrowserSession[]>;
  /** Removes sessions whose time is over. Of many who ask at once one is told of each. */
  takeExpired(now: Date): Promise<BrowserSession[]>;
}
