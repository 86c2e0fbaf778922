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
  private readonly key: Promise<CryptoKey>;

  /**
   * @param secret of the server, unpredictable
   * @param use tells this use of the secret apart from others (HKDF, RFC 5869)
   */
  constructor(secret: Uint8Array, use: string) {
    this.key = deriveKey(secret, use);
  }

  async seal(text: string, purpose: string): Promise<string> {
    const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
    const sealed = await crypto.subtle.encrypt(gcm(iv, purpose), await this.key, Buffer.from(text));
    return Buffer.concat([iv, new Uint8Array(sealed)]).toString("base64url");
  }

  /** Throws SealBroken. */
  async open(sealed: string, purpose: string): Promise<string> {
    const bytes = new Uint8Array(Buffer.from(sealed, "base64url"));
    try {
      const iv = bytes.subarray(0, IV_LENGTH);
      const text = await crypto.subtle.decrypt(gcm(iv, purpose), await this.key, bytes.subarray(IV_LENGTH));
      return new TextDecoder().decode(text);
    } catch (cause) {
      throw new SealBroken("sealed text does not open", { cause });
    }
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
