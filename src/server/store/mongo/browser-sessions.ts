import type { ObjectId } from "mongodb";
import type { BrowserSession, BrowserSessionStore } from "../browser-sessions.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";

/** A browser session; the reference keeps its own in cookies. */
export interface BrowserSessionDocument {
  readonly _id: ObjectId;
  readonly session_id: string;
  readonly hash: string;
  readonly client_id: string;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly idle_until: Date;
  readonly expires_at: Date;
  readonly sealed_id_token?: string;
  readonly address?: string;
}

const living = (now: Date) => ({ idle_until: { $gt: now }, expires_at: { $gt: now } });

const sessionOf = (document: BrowserSessionDocument): BrowserSession =>
  present({
    id: document.session_id,
    hash: document.hash,
    clientId: document.client_id,
    createdAt: document.created_at,
    lastSeenAt: document.last_seen_at,
    idleUntil: document.idle_until,
    expiresAt: document.expires_at,
    sealedIdToken: document.sealed_id_token,
    address: document.address,
  });

export class MongoBrowserSessionStore implements BrowserSessionStore {
  readonly #sessions: Collections["browserSessions"];

  constructor({ browserSessions }: Collections) {
    this.#sessions = browserSessions;
  }

  async add(session: BrowserSession): Promise<void> {
    await this.#sessions.insertOne(
      present({
        session_id: session.id,
        hash: session.hash,
        client_id: session.clientId,
        created_at: session.createdAt,
        last_seen_at: session.lastSeenAt,
        idle_until: session.idleUntil,
        expires_at: session.expiresAt,
        sealed_id_token: session.sealedIdToken,
        address: session.address,
      }) as BrowserSessionDocument,
    );
  }

  async find(hash: string, now: Date): Promise<BrowserSession | null> {
    const document = await this.#sessions.findOne({ hash, ...living(now) });
    return document && sessionOf(document);
  }

  async touch(
    id: string,
    { lastSeenAt, idleUntil, address }: Pick<BrowserSession, "lastSeenAt" | "idleUntil" | "address">,
  ): Promise<void> {
    const seen = present({ last_seen_at: lastSeenAt, idle_until: idleUntil, address });
    await this.#sessions.updateOne({ session_id: id }, { $set: seen });
  }

  async living(id: string, now: Date): Promise<BrowserSession | null> {
    const document = await this.#sessions.findOne({ session_id: id, ...living(now) });
    return document && sessionOf(document);
  }

  async end(id: string): Promise<boolean> {
    return (await this.#sessions.deleteOne({ session_id: id })).deletedCount === 1;
  }

  ofClient(clientId: string, now: Date): Promise<BrowserSession[]> {
    return this.#sessions
      .find({ client_id: clientId, ...living(now) }, { sort: { created_at: -1, _id: -1 } })
      .map(sessionOf)
      .toArray();
  }

  async takeExpired(now: Date): Promise<BrowserSession[]> {
    const isOver = { $or: [{ idle_until: { $lte: now } }, { expires_at: { $lte: now } }] };
    const found = await this.#sessions.find(isOver, { projection: { _id: 1 } }).toArray();
    // One by one: each is told to whoever removes it.
    const removed = await Promise.all(found.map(({ _id }) => this.#sessions.findOneAndDelete({ _id, ...isOver })));
    return removed.filter((document) => document !== null).map(sessionOf);
  }
}
