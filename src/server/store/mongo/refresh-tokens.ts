import { ObjectId } from "mongodb";
import type { LoginKind, NewRefreshToken, NextToken, RefreshToken, RefreshTokenStore } from "../refresh-tokens.ts";
import { Batches } from "./batches.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";
import { isInserted } from "./errors.ts";
import { Lookups } from "./lookups.ts";

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
  /** The rest is unknown to the reference: how and from where the login is used, the hash of the token before this one, and since when it is replaced. */
  readonly kind?: LoginKind;
  readonly address?: string;
  readonly previous_token?: string;
  readonly replaced_at?: Date;
}

/** A token that a login had before its present one. */
export interface ReplacedTokenDocument {
  readonly _id: ObjectId;
  readonly hash: string;
  /** Of the login: the `_id` of its refresh token. */
  readonly login: ObjectId;
  readonly replaced_at: Date;
}

interface Use {
  readonly login: ObjectId;
  readonly at: Date;
  readonly address?: string;
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
    kind: document.kind,
    address: document.address,
  });

/** What finds the token of an id; nothing for text that is no id. */
const byId = (id: string) => ({ _id: { $in: ObjectId.isValid(id) ? [new ObjectId(id)] : [] } });

export class MongoRefreshTokenStore implements RefreshTokenStore {
  readonly #tokens: Collections["refreshTokens"];
  readonly #lookups: Lookups<RefreshTokenDocument>;
  readonly #uses: Batches<Use, void>;
  readonly #replaced: Collections["replacedTokens"];

  constructor({ refreshTokens, replacedTokens }: Collections, patience: number) {
    this.#lookups = new Lookups(refreshTokens, "refresh_token", { patience });
    this.#uses = new Batches({ run: (uses) => this.#touchAll(uses), patience });
    this.#tokens = refreshTokens;
    this.#replaced = replacedTokens;
  }

  async add(token: string, record: NewRefreshToken): Promise<RefreshToken> {
    const document: RefreshTokenDocument = present({
      _id: new ObjectId(),
      client_id: record.clientId,
      refresh_token: hashed(token),
      issued_at: record.issuedAt,
      expires_at: record.expiresAt,
      revoked: false,
      last_accessed: record.issuedAt,
      kind: record.kind,
      address: record.address,
    });
    await this.#tokens.insertOne(document);
    return tokenOf(document);
  }

  async find(token: string): Promise<RefreshToken | null> {
    // A stored hash, presented as a token, must not match itself: whoever reads the database could log in with it.
    const spellings = token.startsWith(HASHED) ? [hashed(token)] : [hashed(token), token];
    const [document] = (await Promise.all(spellings.map((spelling) => this.#lookups.all(spelling)))).flat();
    if (document === undefined) return this.#findReplaced(hashed(token));
    if (document.refresh_token === token) {
      await this.#tokens.updateOne({ _id: document._id }, { $set: { refresh_token: hashed(token) } });
    }
    return tokenOf(document);
  }

  async replace(id: string, token: string, successor: string, next: NextToken): Promise<boolean> {
    const hash = hashed(token);
    if (!ObjectId.isValid(id)) return false;
    // Remembered first: cut short after this, the token is still the present one, and remembering it again does nothing.
    await isInserted(
      this.#replaced.insertOne({ _id: new ObjectId(), hash, login: new ObjectId(id), replaced_at: next.now }),
    );
    const { modifiedCount } = await this.#tokens.updateOne(
      { ...byId(id), refresh_token: hash, revoked: { $ne: true } },
      {
        $set: {
          refresh_token: hashed(successor),
          previous_token: hash,
          replaced_at: next.now,
          expires_at: next.expiresAt,
          last_accessed: next.now,
          ...(next.address === undefined ? {} : { address: next.address }),
        },
      },
    );
    return modifiedCount === 1;
  }

  async touch(id: string, now: Date, address?: string): Promise<void> {
    if (ObjectId.isValid(id)) await this.#uses.do({ login: new ObjectId(id), at: now, address });
  }

  async living(id: string, now: Date): Promise<RefreshToken | null> {
    const living = { ...byId(id), revoked: { $ne: true }, expires_at: { $not: { $lte: now } } };
    const document = await this.#tokens.findOne(living);
    return document && tokenOf(document);
  }

  async revoke(id: string): Promise<boolean> {
    const { modifiedCount } = await this.#tokens.updateOne(
      { ...byId(id), revoked: { $ne: true } },
      { $set: { revoked: true } },
    );
    return modifiedCount === 1;
  }

  /** Uses of the same moment count as one moment, the last of them. */
  async #touchAll(uses: readonly Use[]): Promise<void[]> {
    const last_accessed = new Date(Math.max(...uses.map(({ at }) => at.getTime())));
    const byAddress = Map.groupBy(uses, ({ address }) => address);
    await this.#tokens.bulkWrite(
      [...byAddress].map(([address, ofOne]) => ({
        updateMany: {
          filter: { _id: { $in: ofOne.map(({ login }) => login) } },
          update: { $set: present({ last_accessed, address }) },
        },
      })),
    );
    return uses.map(() => undefined);
  }

  async #findReplaced(hash: string): Promise<RefreshToken | null> {
    const former = await this.#replaced.findOne({ hash });
    const document = former && (await this.#tokens.findOne({ _id: former.login }));
    if (!document) return null;
    const byPresent = document.previous_token === hash;
    return {
      ...tokenOf(document),
      replaced: { at: (byPresent && document.replaced_at) || former.replaced_at, byPresent },
    };
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
