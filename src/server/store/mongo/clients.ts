import type { Client, ClientChanges, ClientStore, Person } from "../clients.ts";
import { type ClientDocument, clientOf } from "./client-document.ts";
import { ClientIds } from "./client-ids.ts";
import type { Collections } from "./collections.ts";
import { present } from "./documents.ts";
import { isInserted } from "./errors.ts";
import { Lookups } from "./lookups.ts";
import { Logins } from "./logins.ts";

export class MongoClientStore implements ClientStore {
  readonly #clients: Collections["clients"];
  readonly #lookups: Lookups<ClientDocument>;
  readonly #ids: ClientIds;
  readonly #logins: Logins;

  constructor(collections: Collections, patience: number) {
    this.#clients = collections.clients;
    this.#lookups = new Lookups(collections.clients, "client_id", { patience });
    this.#ids = new ClientIds(collections);
    this.#logins = new Logins(collections, this.#ids);
  }

  async find(id: string): Promise<Client | null> {
    const document = await this.#lookups.one(id);
    return document && clientOf(document);
  }

  list(): Promise<Client[]> {
    return this.#clients
      .find({}, { sort: { client_id: 1 } })
      .map(clientOf)
      .toArray();
  }

  async create({
    id,
    secretHash,
    permissions,
    createdAt,
    expectedEmail,
  }: Parameters<ClientStore["create"]>[0]): Promise<boolean> {
    await this.#ids.vacate(id);
    const document = present({
      client_id: id,
      client_secret_hash: secretHash,
      ...permissions,
      created_at: createdAt,
      expected_email: expectedEmail,
    });
    return isInserted(this.#clients.insertOne(document as ClientDocument));
  }

  async update(
    id: string,
    { secretHash, expectedEmail, allowed_agents, allowed_queue_patterns: patterns, ...changes }: ClientChanges,
  ): Promise<boolean> {
    const fields = present({
      client_secret_hash: secretHash,
      expected_email: expectedEmail,
      allowed_agents: allowed_agents ?? undefined,
      allowed_queue_patterns: patterns?.length ? patterns : undefined,
      ...changes,
    });
    const removed = {
      ...(allowed_agents === null ? { allowed_agents: "" as const } : {}),
      ...(patterns?.length === 0 ? { allowed_queue_patterns: "" as const } : {}),
    };
    const update = {
      ...(Object.keys(fields).length ? { $set: fields } : {}),
      ...(Object.keys(removed).length ? { $unset: removed } : {}),
    };
    if (Object.keys(update).length === 0) return (await this.find(id)) !== null;
    return (await this.#clients.updateOne({ client_id: id }, update)).matchedCount === 1;
  }

  async replaceSecret(id: string, from: string, to: string): Promise<boolean> {
    const known = { client_id: id, client_secret_hash: from, disabled: { $ne: true } };
    return (await this.#clients.updateOne(known, { $set: { client_secret_hash: to } })).matchedCount === 1;
  }

  async delete(id: string): Promise<boolean> {
    // Credentials and secrets first: when this is cut short, the client is still there to be deleted again.
    await this.#ids.discard(id);
    const { deletedCount } = await this.#clients.deleteOne({ client_id: id });
    // What was stored between the two steps.
    await this.#ids.discard(id);
    return deletedCount === 1;
  }

  recordLogin(person: Person, now: Date): Promise<Client | "conflict"> {
    return this.#logins.record(person, now);
  }

  /** Removes the people whose last login is not after `cutoff`. */
  async removePeople(cutoff: Date): Promise<void> {
    // Disabled ones stay: with the next login they would be back as if nothing had been.
    const absent = { sub: { $exists: true }, last_login: { $lte: cutoff }, disabled: { $ne: true } };
    for (const { _id, client_id } of await this.#clients.find(absent, { projection: { client_id: 1 } }).toArray()) {
      // Not if they log in at this moment. Leftovers of a removal that is cut short are discarded when somebody gets the id.
      if ((await this.#clients.deleteOne({ _id, ...absent })).deletedCount === 1) await this.#ids.discard(client_id);
    }
  }
}
