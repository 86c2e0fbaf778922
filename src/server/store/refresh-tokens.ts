/** Who logged in how: a person on a command line, a client with its secret, or an agent with the token file that the operator made for it. */
export type LoginKind = "cli" | "secret" | "agent";

/**
 * A login that gets access tokens, and the one refresh token that it has at a time, kept as a hash (data section 3.10). Clients that ask for it
 * get another token with each use (RFC 9700 section 4.14.2); the tokens of one login are a family.
 */
export interface RefreshToken {
  /** Identifies the login in logs and lists, whatever token it has; worthless as a credential. */
  readonly id: string;
  readonly clientId: string;
  readonly issuedAt: Date;
  /** Absent in old documents: never. */
  readonly expiresAt?: Date;
  readonly revoked: boolean;
  readonly lastAccessed: Date;
  /** Absent where the reference or an earlier version has made it. */
  readonly kind?: LoginKind;
  /** Where it was last used from, as far as that is known. */
  readonly address?: string;
  /** Present if the token that was looked up is not the login's any more: since when, and whether the login's present one took its very place. */
  readonly replaced?: { readonly at: Date; readonly byPresent: boolean };
}

export type NewRefreshToken = Pick<RefreshToken, "clientId" | "issuedAt" | "kind" | "address"> & {
  readonly expiresAt: Date;
};

/** What becomes of a login whose token is replaced. */
export interface NextToken {
  readonly now: Date;
  readonly expiresAt: Date;
  readonly address?: string;
}

export interface RefreshTokenStore {
  /** Keeps SHA-256(token) only. */
  add(token: string, record: NewRefreshToken): Promise<RefreshToken>;
  /**
   * Looks a token up, whatever its state, also one that was replaced. A token that a database of the reference holds in clear text is found too, and is replaced by its hash.
   */
  find(token: string): Promise<RefreshToken | null>;
  /**
   * Gives the login another token, `lastAccessed` = now and the address, if one is given. False, and nothing is changed, unless `token` is its present one and it is not revoked:
   * of many who replace one token at once, one succeeds.
   */
  replace(id: string, token: string, successor: string, next: NextToken): Promise<boolean>;
  /** `lastAccessed` = now, and the address, if one is given. */
  touch(id: string, now: Date, address?: string): Promise<void>;
  /** The login with this id, if it is neither revoked nor expired. */
  living(id: string, now: Date): Promise<RefreshToken | null>;
  /** False if it was revoked before. */
  revoke(id: string): Promise<boolean>;
  /** Logins of a client that are neither revoked nor expired, newest first. */
  ofClient(clientId: string, now: Date): Promise<RefreshToken[]>;
}
