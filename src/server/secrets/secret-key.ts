/** Bytes of a master key (config section 1). */
export const MASTER_KEY_LENGTH = 96;

const FORM = 1;
const NONCE = 12;

/** AES-256-GCM (NIST SP 800-38D) under a key derived from a master key by HKDF-SHA256 (RFC 5869). */
export class SecretKey {
  private constructor(
    /** Tells keys apart in stored records; says nothing about the key. */
    readonly id: string,
    private readonly key: CryptoKey,
  ) {}

  static async of(masterKey: Uint8Array): Promise<SecretKey> {
    const material = await crypto.subtle.importKey("raw", own(masterKey), "HKDF", false, ["deriveKey", "deriveBits"]);
    const derivation = (purpose: string) => ({
      name: "HKDF",
      hash: "SHA-256",
      salt: new Uint8Array(),
      info: new TextEncoder().encode(`testflinger secrets 1: ${purpose}`),
    });
    const id = await crypto.subtle.deriveBits(derivation("key id"), material, 64);
    const cipher = { name: "AES-GCM", length: 256 };
    const key = await crypto.subtle.deriveKey(derivation("sealing"), material, cipher, false, ["encrypt", "decrypt"]);
    return new SecretKey(Buffer.from(id).toString("hex"), key);
  }

  /**
   * One byte for the form, the nonce, the cipher text with its tag.
   * @param bound whose secret it is and under which path: a sealed value that is moved elsewhere in the database does not open
   */
  async seal(value: string, bound: readonly string[]): Promise<Uint8Array> {
    // A repeated nonce would give both plain texts and the authentication key away, so it is not the caller's to choose.
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE));
    const sealed = await crypto.subtle.encrypt(gcm(nonce, bound), this.key, new TextEncoder().encode(value));
    return Buffer.concat([Uint8Array.of(FORM), nonce, new Uint8Array(sealed)]);
  }

  /** Throws if the value was sealed by another key, for another place, or changed. */
  async open(sealed: Uint8Array, bound: readonly string[]): Promise<string> {
    if (sealed[0] !== FORM) throw new Error(`unknown form ${sealed[0]} of a sealed secret`);
    const nonce = own(sealed.subarray(1, 1 + NONCE));
    const value = await crypto.subtle.decrypt(gcm(nonce, bound), this.key, own(sealed.subarray(1 + NONCE)));
    return new TextDecoder("utf-8", { fatal: true }).decode(value);
  }
}

const gcm = (iv: Uint8Array<ArrayBuffer>, bound: readonly string[]) => ({
  name: "AES-GCM",
  iv,
  additionalData: new TextEncoder().encode(JSON.stringify(bound)),
});

/** A copy in memory of its own, which Web Crypto asks for. */
const own = (bytes: Uint8Array): Uint8Array<ArrayBuffer> => new Uint8Array(bytes);
