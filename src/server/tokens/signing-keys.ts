/** A key of this deployment for access tokens (HMAC with SHA-256). */
export interface SigningKey {
  /** In the header of tokens (`kid`, RFC 7515 section 4.1.4), so that whoever verifies one knows the key. Tells nothing about it. */
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly key: Promise<CryptoKey>;
}

const HMAC = { name: "HMAC", hash: "SHA-256" };

/** The keys of this deployment: the first signs, all verify. So a new one is added in front, and the old one goes once its tokens have expired. */
export class SigningKeys {
  private readonly keys: readonly [SigningKey, ...SigningKey[]];

  /** @param keys at least one, raw bytes */
  constructor(keys: readonly Uint8Array[]) {
    const [first, ...others] = keys.map(keyOf);
    if (!first) throw new Error("a signing key is needed");
    this.keys = [first, ...others];
  }

  /** What signs. */
  get current(): SigningKey {
    return this.keys[0];
  }

  /** All of them, the one that signs first. */
  get all(): readonly SigningKey[] {
    return this.keys;
  }

  /** Those that may have signed a token with this `kid`: tokens of the reference have none. */
  candidates(id: unknown): readonly SigningKey[] {
    return id === undefined ? this.keys : this.keys.filter((key) => key.id === id);
  }
}

function keyOf(bytes: Uint8Array): SigningKey {
  const hash = new Bun.CryptoHasher("sha256").update("testflinger signing key\0").update(bytes).digest("base64url");
  const key = crypto.subtle.importKey("raw", new Uint8Array(bytes), HMAC, false, ["sign", "verify"]);
  return { id: hash.slice(0, 16), bytes, key };
}
