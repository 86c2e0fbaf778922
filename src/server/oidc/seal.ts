/** Bytes of the initialisation vector of AES-GCM (NIST SP 800-38D). */
const IV_LENGTH = 12;

/** The text was not sealed with this key for this purpose, or has been changed. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
}

/**
 * Seals short texts for the database with AES-256-GCM. The purpose is part of what is authenticated: a sealed text moved to another record, or to
 * another field of the same one, does not open.
 */
export class Seal {
  private readonly keys: readonly Promise<CryptoKey>[];

  /**
   * @param secrets of the deployment, unpredictable; the first seals, all open
   * @param use tells this use of the secrets apart from others (HKDF, RFC 5869)
   */
  constructor(secrets: readonly Uint8Array[], use: string) {
    this.keys = secrets.map((secret) => deriveKey(secret, use));
  }

  async seal(text: string, purpose: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
    const sealed = await crypto.subtle.encrypt(gcm(iv, purpose), await this.sealingKey(), Buffer.from(text));
    return Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64url");
  }

  /** Throws SealBroken. */
  async open(sealed: string, purpose: string): Promise<string> {
    const bytes = new Uint8Array(Buffer.from(sealed, "base64url"));
    // The decoder overlooks what it does not know. What is good for one use must have one spelling, by which it is remembered.
    if (Buffer.from(bytes).toString("base64url") !== sealed) throw new SealBroken("sealed text is not spelt as it was");
    const iv = bytes.subarray(0, IV_LENGTH);
    let cause: unknown;
    for (const key of this.keys) {
      try {
        const text = await crypto.subtle.decrypt(gcm(iv, purpose), await key, bytes.subarray(IV_LENGTH));
        return new TextDecoder().decode(text);
      } catch (error) {
        cause = error;
      }
    }
    throw new SealBroken("sealed text does not open", { cause });
  }

  private async sealingKey(): Promise<CryptoKey> {
    const [key] = this.keys;
    if (!key) throw new Error("a secret to seal with is needed");
    return key;
  }
}

const gcm = (iv: Uint8Array<ArrayBuffer>, purpose: string) => ({
  name: "AES-GCM",
  iv,
  additionalData: Buffer.from(purpose),
});

async function deriveKey(secret: Uint8Array, use: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", new Uint8Array(secret), "HKDF", false, ["deriveKey"]);
  const hkdf = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: Buffer.from(use) };
  return crypto.subtle.deriveKey(hkdf, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}
