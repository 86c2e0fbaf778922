import { Binary, type Filter, type ObjectId } from "mongodb";
import type { SecretRecord, SecretStore } from "../secrets.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";
import { upserting } from "./errors.ts";

/** A sealed secret. One collection for all owners: the reference's collection names mix up `a.b` and `a_dot_b` (data section 5). */
export interface SecretDocument {
  readonly _id: ObjectId;
  readonly owner: string;
  readonly path: string;
  readonly sealed: Binary;
  readonly key_id: string;
  readonly ephemeral: boolean;
  readonly expires_at?: Date;
  readonly updated_at: Date;
}

const alive = (now: Date) => ({ expires_at: { $not: { $lte: now } } });

const secretOf = (document: SecretDocument): SecretRecord =>
  present({
    owner: document.owner,
    path: document.path,
    sealed: new Uint8Array(document.sealed.value()),
    keyId: document.key_id,
    ephemeral: document.ephemeral,
    expiresAt: document.expires_at,
  });

export class MongoSecretStore implements SecretStore {
  readonly #secrets: Collections["secrets"];

  constructor({ secrets }: Collections) {
    this.#secrets = secrets;
  }

  async put({ owner, path, sealed, keyId, ephemeral, expiresAt }: SecretRecord, now: Date): Promise<void> {
    const document = present({
      owner,
      path,
      sealed: new Binary(sealed),
      key_id: keyId,
      ephemeral,
      expires_at: expiresAt,
      updated_at: now,
    });
    await upserting(() => this.#secrets.replaceOne({ owner, path }, document, { upsert: true }));
  }

  async find(owner: string, path: string, now: Date): Promise<SecretRecord | null> {
    const document = await this.#secrets.findOne({ owner, path, ...alive(now) });
    return document && secretOf(document);
  }

  async take(owner: string, path: string, now: Date): Promise<SecretRecord | null> {
    for (;;) {
      const secret = await this.find(owner, path, now);
      if (!secret?.ephemeral) return secret;
      const taken = await this.#secrets.findOneAndDelete({ owner, path, ephemeral: true, ...alive(now) });
      if (taken) return secretOf(taken);
      // Another reader has taken it, or a new value has replaced it.
    }
  }

  async existing(owner: string, paths: readonly string[], now: Date): Promise<string[]> {
    const documents = this.#secrets.find({ owner, path: { $in: paths }, ...alive(now) }, { projection: { path: 1 } });
    return documents.map(({ path }) => path).toArray();
  }

  async delete(owner: string, path: string): Promise<void> {
    await this.#secrets.deleteOne({ owner, path });
  }

  sealedWithOtherKey(keyId: string, limit: number): Promise<SecretRecord[]> {
    return this.#secrets
      .find({ key_id: { $ne: keyId } }, { limit })
      .map(secretOf)
      .toArray();
  }

  async reseal({ owner, path, sealed }: SecretRecord, resealed: Uint8Array, keyId: string): Promise<boolean> {
    const unchanged: Filter<SecretDocument> = { owner, path, sealed: new Binary(sealed) };
    const { matchedCount } = await this.#secrets.updateOne(unchanged, {
      $set: { sealed: new Binary(resealed), key_id: keyId },
    });
    return matchedCount === 1;
  }
}
