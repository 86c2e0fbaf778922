import { Binary, type Db, type ObjectId } from "mongodb";
import type { ReferenceDataKey, ReferenceSecret, ReferenceSecretStore } from "../reference-secrets.ts";

/** A document of the reference in `secrets.<namespace>` (data section 4.2). */
interface ReferenceSecretDocument {
  readonly _id: ObjectId;
  readonly key: string;
  readonly value: Binary;
  readonly ephemeral: boolean;
  readonly expire_at?: Date;
  readonly updated_at: Date;
}

interface DataKeyDocument {
  readonly _id: Binary;
  readonly keyMaterial: Binary;
  readonly keyAltNames?: readonly string[];
  readonly updateDate: Date;
}

const KEY_NAME = "testflinger-secrets";

/** The reference's collection for a client. */
const namespaceOf = (owner: string): string =>
  `secrets.${owner.replaceAll("@", "_at_").replaceAll(".", "_dot_").replaceAll("$", "_dollar_")}`;

const alive = (now: Date) => ({ expire_at: { $not: { $lte: now } } });
const bytesOf = (binary: Binary): Uint8Array => new Uint8Array(binary.value());

const exactly = ({ id, material }: ReferenceDataKey) => ({
  _id: new Binary(id, Binary.SUBTYPE_UUID),
  keyAltNames: KEY_NAME,
  keyMaterial: new Binary(material),
});

export class MongoReferenceSecretStore implements ReferenceSecretStore {
  readonly #database: Db;
  readonly #keys;

  /** @param vault the server whose database `encryption` holds the keys */
  constructor(database: Db, vault: Db) {
    this.#database = database;
    this.#keys = vault.collection<DataKeyDocument>("__keyVault");
  }

  dataKeys(): Promise<ReferenceDataKey[]> {
    return this.#keys
      .find({ keyAltNames: KEY_NAME })
      .map(({ _id, keyMaterial }) => ({ id: bytesOf(_id), material: bytesOf(keyMaterial) }))
      .toArray();
  }

  async rewrap(key: ReferenceDataKey, replacement: Uint8Array, now: Date): Promise<boolean> {
    const change = { keyMaterial: new Binary(replacement), updateDate: now, "masterKey.provider": "local" };
    return (await this.#keys.updateOne(exactly(key), { $set: change })).matchedCount === 1;
  }

  async deleteDataKey(key: ReferenceDataKey): Promise<void> {
    await this.#keys.deleteOne(exactly(key));
  }

  async find(owner: string, path: string, now: Date): Promise<ReferenceSecret | null> {
    // Concurrent first writes of the reference leave two documents; the later one is meant.
    const document = await this.#secrets(owner).findOne({ key: path, ...alive(now) }, { sort: { updated_at: -1 } });
    return document && { encrypted: bytesOf(document.value), ephemeral: document.ephemeral };
  }

  async existing(owner: string, paths: readonly string[], now: Date): Promise<string[]> {
    const documents = this.#secrets(owner).find({ key: { $in: paths }, ...alive(now) }, { projection: { key: 1 } });
    return [...new Set(await documents.map(({ key }) => key).toArray())];
  }

  async remove(owner: string, path: string): Promise<boolean> {
    return (await this.#secrets(owner).deleteMany({ key: path })).deletedCount > 0;
  }

  #secrets(owner: string) {
    return this.#database.collection<ReferenceSecretDocument>(namespaceOf(owner));
  }
}
