/** A refresh token as it is kept: only its hash (data section 3.10). */
export interface RefreshToken {
  /** Identifies the token in logs and lists; worthless as a credential. */
  readonly id: string;
  readonly clientId: string;
  readonly issuedAt: Date;
  /** Absent in old documents: never. */
  readonly expiresAt?: Date;
  readonly revoked: boolean;
  readonly lastAccessed: Date;
}

export interface RefreshTokenStore {
  /** Keeps SHA-256(token) only. */
  add(token: string, record: { clientId: string; issuedAt: Date; expiresAt: Date }): Promise<RefreshToken>;
  /**
   * Looks a token up, whatever its state. A token that a database of the reference holds in clear text is found too, and is replaced by its hash.
   */
  find(token: string): Promise<RefreshToken | null>;
  /** `lastAccessed` = now. */
  touch(id: string, now: Date): Promise<void>;
  /** False if it was revoked before. */
  revoke(id: string): Promise<boolean>;
  /** Tokens of a client that are neither revoked nor expired, newest first. */
  ofClient(clientId: string, now: Date): Promise<RefreshToken[]>;
}
