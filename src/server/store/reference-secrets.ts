/** A data key of MongoDB's client-side encryption, sealed by the master key. */
export interface ReferenceDataKey {
  /** 16 bytes. */
  readonly id: Uint8Array;
  readonly material: Uint8Array;
}

/** A secret that the reference has stored. */
export interface ReferenceSecret {
  /** As MongoDB's driver has encrypted it. */
  readonly encrypted: Uint8Array;
  readonly ephemeral: boolean;
}

/** Secrets where the reference keeps them in MongoDB (data section 4.2). They are read and removed, never written. */
export interface ReferenceSecretStore {
  /** Those for secrets; the key vault may hold others' keys too. */
  dataKeys(): Promise<ReferenceDataKey[]>;
  /** Replaces the material of a data key if it is still the given one. False if it has changed meanwhile. */
  rewrap(key: ReferenceDataKey, material: Uint8Array, now: Date): Promise<boolean>;
  /** Nothing that it has encrypted can be read any more. */
  deleteDataKey(key: ReferenceDataKey): Promise<void>;
  /** Null for unknown and expired ones. */
  find(owner: string, path: string, now: Date): Promise<ReferenceSecret | null>;
  /** Which of the paths exist and have not expired. */
  existing(owner: string, paths: readonly string[], now: Date): Promise<string[]>;
  /** True for the one caller that removed it. */
  remove(owner: string, path: string): Promise<boolean>;
}
