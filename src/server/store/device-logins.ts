/** A device login (RFC 8628) between `auth-init` and its tokens. Neither the request id nor the device code is kept in clear. */
export interface DeviceLogin {
  /** SHA-256 of the request id, hexadecimal. */
  readonly requestHash: string;
  /** The provider's device code, sealed by the server's key. */
  readonly sealedDeviceCode: string;
  /** Seconds between polls; grows by slow_down and never shrinks. */
  readonly interval: number;
  readonly expiresAt: Date;
  /** S256 challenge that the poller has to prove (RFC 7636); absent for reference clients. */
  readonly codeChallenge?: string;
  /** Sealed identity, present once the provider has vouched for the person but the tokens are not yet handed out. */
  readonly sealedIdentity?: string;
}

/** The exclusive right to work on a login until it is settled, or until `until` if the holder dies. */
export interface PollClaim {
  readonly login: DeviceLogin;
  readonly claimId: string;
}

export interface DeviceLoginStore {
  add(login: DeviceLogin, nextPollAt: Date): Promise<void>;
  /** Without claiming anything; null for unknown, expired and redeemed ones. */
  find(requestHash: string, now: Date): Promise<DeviceLogin | null>;
  /**
   * Claims the right to ask the provider, in one atomic step: the login exists, is not expired or redeemed, `nextPollAt` <= now and nobody
   * else holds an unexpired claim. `early`: too soon or somebody else is asking; when too soon the interval grows by 5 s, stickily, and
   * `nextPollAt` moves to now + interval (RFC 8628 section 3.5); the answered interval is the one to wait now.
   * `unknown`: never existed, expired or redeemed - they look alike.
   */
  claim(
    requestHash: string,
    now: Date,
    until: Date,
  ): Promise<PollClaim | { refused: "early"; interval: number } | { refused: "unknown" }>;
  /** Gives the claim back: the person has not decided yet. False if the claim was lost. */
  release(claim: PollClaim, next: { interval: number; nextPollAt: Date }): Promise<boolean>;
  /** Keeps the sealed identity, so that a crash from here on does not burn the login. False if the claim was lost. */
  identify(claim: PollClaim, sealedIdentity: string): Promise<boolean>;
  /** pending -> redeemed: true for exactly one caller, who then issues the tokens. False if the claim was lost or the login is gone. */
  redeem(claim: PollClaim): Promise<boolean>;
  /** The login has ended without tokens (denied, expired, used up): it is forgotten. */
  remove(requestHash: string): Promise<void>;
  /** Logins that are pending and not expired. */
  countPending(now: Date): Promise<number>;
}
