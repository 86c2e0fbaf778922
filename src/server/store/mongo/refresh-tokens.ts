import { ObjectId } from "mongodb";
import type { RefreshToken, RefreshTokenStore } from "../refresh-tokens.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";

/** A refresh token as the reference keeps it (data section 3.10), but for its text. */
export interface RefreshTokenDocument {
  readonly _id: ObjectId;
  readonly client_id: string;
  /** `sha256:` and the hash, in hexadecimal. In clear in databases of the reference until its first use here. */
  readonly refresh_token: string;
  readonly issued_at: Date;
  readonly expires_at?: Date;
  readonly revoked: boolean;
  readonly last_accessed: Date;
}

const HASHED = "sha256:";
const hashed = (token: string): string => HASHED + new Bun.CryptoHasher("sha256").update(token).digest("hex");

const tokenOf = (document: RefreshTokenDocument): RefreshToken =>
  present({
    id: document._id.toHexString(),
    clientId: document.client_id,
    issuedAt: document.issued_at,
    expiresAt: document.expires_at ?? undefined,
    revoked: document.revoked === true,
    lastAccessed: document.last_accessed,
  });

/** What finds the token of an id; nothing for text that is no id. */
const byId = (id: string) => ({ _id: { $in: ObjectId.isValid(id) ? [new ObjectId(id)] : [] } });

export class MongoRefreshTokenStore implements RefreshTokenStore {
  readonly #tokens: Collections["refreshTokens"];

  constructor({ refreshTokens }: Collections) {
    this.#tokens = refreshTokens;
  }

  async add(token: string, record: { clientId: string; issuedAt: Date; expiresAt: Date }): Promise<RefreshToken> {
    const document: RefreshTokenDocument = {
      _id: new ObjectId(),
      client_id: record.clientId,
      refresh_token: hashed(token),
      issued_at: record.issuedAt,
      expires_at: record.expiresAt,
      revoked: false,
      last_accessed: record.issuedAt,
    };
    await this.#tokens.insertOne(document);
    return tokenOf(document);
  }

  async find(token: string): Promise<RefreshToken | null> {
    // A stored hash, presented as a token, must not match itself: whoever reads the database could log in with it.
    const spellings = token.startsWith(HASHED) ? [hashed(token)] : [hashed(token), token];
    const document = await this.#tokens.findOne({ refresh_token: { $in: spellings } });
    if (document === null) return null;
    if (document.refresh_token === token) {
      await this.#tokens.updateOne({ _id: document._id }, { $set: { refresh_token: hashed(token) } });
    }
    return tokenOf(document);
  }

  async touch(id: string, now: Date): Promise<void> {
    await this.#tokens.updateOne(byId(id), { $set: { last_accessed: now } });
  }

  async revoke(id: string): Promise<boolean> {
    const { modifiedCount } = await this.#tokens.updateOne(
      { ...byId(id), revoked: { $ne: true } },
      { $set: { revoked: true } },
    );
    return modifiedCount === 1;
  }

  ofClient(clientId: string, now: Date): Promise<RefreshToken[]> {
    return this.#tokens
      .find(
        { client_id: clientId, revoked: { $ne: true }, expires_at: { $not: { $lte: now } } },
        { sort: { issued_at: -1, _id: -1 } },
      )
      .map(tokenOf)
      .toArray();
  }
}
