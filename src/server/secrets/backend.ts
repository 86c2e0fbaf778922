/** A secret in clear. */
export interface Secret {
  readonly value: string;
  /** Deleted by its first read. */
  readonly ephemeral: boolean;
  /** Null: never. */
  readonly expiresAt: Date | null;
}

/** Where secrets are kept (data section 4). Owners are client ids; (owner, path) is unique. */
export interface SecretsBackend {
  /** For the log. */
  readonly name: string;
  /** Creates or replaces. */
  put(owner: string, path: string, secret: Secret): Promise<void>;
  /** Which of the paths exist and have not expired. */
  existing(owner: string, paths: readonly string[]): Promise<string[]>;
  /** Null for unknown and expired ones. A single-use secret is removed in the same step: of several readers one gets it. */
  take(owner: string, path: string): Promise<Secret | null>;
  /** A missing secret is not an error. */
  delete(owner: string, path: string): Promise<void>;
  /** Keeps the access to the store alive; to be called now and then. */
  maintain(): Promise<void>;
}

/** The store of secrets refuses this secret. The message is for its owner, `reason` for the operator. */
export class SecretRefused extends Error {
  override readonly name = "SecretRefused";
  constructor(
    message: string,
    readonly reason: string = message,
  ) {
    super(message);
  }
}

/** The store of secrets is out of reach, or cannot read what it keeps. The reason is for the operator. */
export class SecretsUnavailable extends Error {
  override readonly name = "SecretsUnavailable";
  constructor(
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** The settings of the store of secrets cannot work, so the server must not start. The message names the variable and the remedy. */
export class SecretsSetupError extends Error {
  override readonly name = "SecretsSetupError";
}
