import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import type {
  ReferenceDataKey,
  ReferenceSecret,
  ReferenceSecretStore,
} from "../../../src/server/store/reference-secrets.ts";

const tag = (key: Uint8Array, associated: Uint8Array, body: Uint8Array): Buffer => {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(associated.length * 8));
  return createHmac("sha512", key).update(associated).update(body).update(bits).digest().subarray(0, 32);
};

function seal(key: Uint8Array, text: Uint8Array, associated: Uint8Array): Buffer {
  const iv = randomBytes(16);
  const cipher = createCipheriv("aes-256-cbc", key.subarray(32, 64), iv);
  const body = Buffer.concat([iv, cipher.update(text), cipher.final()]);
  return Buffer.concat([body, tag(key.subarray(0, 32), associated, body)]);
}

/** Key material as the reference's driver makes it of a data key. */
export const sealedDataKey = (masterKey: Uint8Array, dataKey: Uint8Array): Uint8Array =>
  new Uint8Array(seal(masterKey, dataKey, new Uint8Array()));

/** A value as the reference's driver encrypts it: BSON binary under AEAD_AES_256_CBC_HMAC_SHA_512-Random. */
export function encrypted(dataKey: Uint8Array, keyId: Uint8Array, value: string): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeInt32LE(Buffer.byteLength(value));
  const header = Buffer.concat([Uint8Array.of(2), keyId, Uint8Array.of(5)]);
  const bson = Buffer.concat([length, Uint8Array.of(0), Buffer.from(value)]);
  return new Uint8Array(Buffer.concat([header, seal(dataKey, bson, header)]));
}

/** The reference's secrets in memory. */
export class ReferenceDouble implements ReferenceSecretStore {
  keys: ReferenceDataKey[] = [];
  readonly secrets = new Map<string, ReferenceSecret & { expiresAt?: Date }>();

  async dataKeys(): Promise<ReferenceDataKey[]> {
    return this.keys;
  }
  async rewrap(key: ReferenceDataKey, material: Uint8Array): Promise<boolean> {
    const at = this.keys.indexOf(key);
    if (at >= 0) this.keys[at] = { id: key.id, material };
    return at >= 0;
  }
  async deleteDataKey(key: ReferenceDataKey): Promise<void> {
    this.keys = this.keys.filter((one) => one !== key);
  }
  async find(owner: string, path: string, now: Date): Promise<ReferenceSecret | null> {
    const secret = this.secrets.get(`${owner} ${path}`);
    return secret && !(secret.expiresAt && secret.expiresAt <= now) ? secret : null;
  }
  async existing(owner: string, paths: readonly string[], now: Date): Promise<string[]> {
    const found = await Promise.all(paths.map((path) => this.find(owner, path, now)));
    return paths.filter((_, index) => found[index]);
  }
  async remove(owner: string, path: string): Promise<boolean> {
    return this.secrets.delete(`${owner} ${path}`);
  }
}
