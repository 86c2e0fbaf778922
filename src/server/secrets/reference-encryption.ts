/**
 * MongoDB's client-side field level encryption as far as the reference's secrets use it (data section 4.2): data keys of the `local` provider and
 * AEAD_AES_256_CBC_HMAC_SHA_512 values. The driver's own library for it is a native add-on, which a single executable cannot carry.
 */
const MAC_LENGTH = 32;
const IV_LENGTH = 16;

/** Halves of a 96-byte key; a third one derives the nonces of deterministic encryption, which decryption does not need. */
interface CbcHmacKey {
  readonly mac: CryptoKey;
  readonly cipher: CryptoKey;
}

/** The bytes of a data key, which a key vault document holds as `keyMaterial`, sealed by the master key. Throws if that is another one. */
export async function openDataKey(masterKey: Uint8Array, keyMaterial: Uint8Array): Promise<Uint8Array> {
  return open(await keyOf(masterKey), keyMaterial, new Uint8Array());
}

/** The data key sealed by a master key: the inverse of `openDataKey`. */
export async function sealDataKey(masterKey: Uint8Array, dataKey: Uint8Array): Promise<Uint8Array> {
  const { mac, cipher } = await keyOf(masterKey);
  const iv = crypto.getRandomValues(new Uint8Array(IV_LENGTH));
  const text = await crypto.subtle.encrypt({ name: "AES-CBC", iv }, cipher, new Uint8Array(dataKey));
  const body = Buffer.concat([iv, new Uint8Array(text)]);
  return Buffer.concat([body, await tagOf(mac, new Uint8Array(), body)]);
}

/** An encrypted value: one byte for the algorithm, 16 for the id of the data key, one for the BSON type of what is encrypted. */
export const dataKeyIdOf = (encrypted: Uint8Array): Uint8Array => encrypted.subarray(1, 17);

/** The text that the reference has encrypted, as binary data. Throws for other types, other keys and changed values. */
export async function decryptText(dataKey: Uint8Array, encrypted: Uint8Array): Promise<string> {
  const [header, sealed] = [encrypted.subarray(0, 18), encrypted.subarray(18)];
  if (![1, 2].includes(header[0] ?? 0) || header[17] !== BSON_BINARY) throw new Error("not an encrypted binary value");
  const value = await open(await keyOf(dataKey), sealed, header);
  const length = new DataView(value.buffer, value.byteOffset).getInt32(0, true);
  return new TextDecoder("utf-8", { fatal: true }).decode(value.subarray(5, 5 + length));
}

const BSON_BINARY = 5;

async function keyOf(bytes: Uint8Array): Promise<CbcHmacKey> {
  if (bytes.length !== 96) throw new Error(`a key of ${bytes.length} bytes, not 96`);
  const part = (start: number) => new Uint8Array(bytes.subarray(start, start + 32));
  const hmac = { name: "HMAC", hash: "SHA-512" };
  const [mac, cipher] = await Promise.all([
    crypto.subtle.importKey("raw", part(0), hmac, false, ["sign"]),
    crypto.subtle.importKey("raw", part(32), "AES-CBC", false, ["encrypt", "decrypt"]),
  ]);
  return { mac, cipher };
}

/** IV, cipher text and tag; throws unless the tag is that of the associated data, the IV and the cipher text. */
async function open({ mac, cipher }: CbcHmacKey, sealed: Uint8Array, associated: Uint8Array): Promise<Uint8Array> {
  const body = sealed.subarray(0, -MAC_LENGTH);
  const tag = sealed.subarray(-MAC_LENGTH);
  const expected = await tagOf(mac, associated, body);
  if (tag.length !== MAC_LENGTH || !crypto.timingSafeEqual(expected, tag))
    throw new Error("sealed by another key, or changed");
  const iv = new Uint8Array(body.subarray(0, IV_LENGTH));
  const text = new Uint8Array(body.subarray(IV_LENGTH));
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-CBC", iv }, cipher, text));
}

/** The first half of the HMAC over associated data, body, and the length of the first in bits. */
async function tagOf(mac: CryptoKey, associated: Uint8Array, body: Uint8Array): Promise<Uint8Array> {
  const bits = Buffer.alloc(8);
  bits.writeBigUInt64BE(BigInt(associated.length * 8));
  const hmac = await crypto.subtle.sign("HMAC", mac, Buffer.concat([associated, body, bits]));
  return new Uint8Array(hmac).subarray(0, MAC_LENGTH);
}
