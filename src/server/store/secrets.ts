/** A secret as the database keeps it: the value is sealed by the service, with owner and path as associated data. */
export interface SecretRecord {
  readonly owner: string;
  readonly path: string;
  readonly sealed: Uint8Array;
  /** Which key sealed it. */
  readonly keyId: string;
  /** Deleted by its first read. */
  readonly ephemeral: boolean;
  /** Absent: never. */
  readonly expiresAt?: Date;
}

export interface SecretStore {
  /** Creates or replaces the secret of (owner, path), which is unique. */
  put(record: SecretRecord, now: Date): Promise<void>;
  /** Null for unknown and expired ones. */
  find(owner: string, path: string, now: Date): Promise<SecretRecord | null>;
  /** Like `find`, and removes a single-use secret in the same step: exactly one reader gets it. */
  take(owner: string, path: string, now: Date): Promise<SecretRecord | null>;
  /** Which of the paths exist and have not expired. */
  existing(owner: string, paths: readonly string[], now: Date): Promise<string[]>;
  /** A missing secret is not an error. */
  delete(owner: string, path: string): Promise<void>;
  /** Some secrets sealed with another key than `keyId`, at most `limit`. */
  sealedWithOtherKey(keyId: string, limit: number): Promise<SecretRecord[]>;
  /** Replaces the sealed value if it is still the given one. False if it has changed meanwhile. */
  reseal(old: SecretRecord, sealed: Uint8Array, keyId: string): Promise<boolean>;
}
