import { comparableEmail } from "../../../shared/text/email.ts";
import type { Client, Person } from "../clients.ts";
import { accountOf, type ClientDocument, clientOf } from "./client-document.ts";
import type { ClientIds } from "./client-ids.ts";
import type { Collections } from "./collections.ts";
import { isDuplicateKey, isInserted } from "./errors.ts";

/** Records logins of people. Each step is one atomic update; who loses a race against another login begins again. */
export class Logins {
  readonly #clients: Collections["clients"];
  readonly #ids: ClientIds;

  constructor({ clients }: Collections, ids: ClientIds) {
    this.#clients = clients;
    this.#ids = ids;
  }

  async record(person: Person, now: Date): Promise<Client | "conflict"> {
    for (;;) {
      const account = await this.#find(person);
      const outcome = account ? await this.#renew(account, person, now) : await this.#register(person, now);
      if (outcome !== "raced") return outcome;
    }
  }

  /**
   * The person's account; else one of the reference with this `sub` and no issuer, if there are several the one with the e-mail; else one that
   * waits for the e-mail.
   */
  async #find({ issuer, sub, email, emailVerified }: Person): Promise<ClientDocument | null> {
    const account = await this.#clients.findOne({ issuer, sub });
    if (account) return account;
    const adoptable = await this.#clients
      .find({ sub, issuer: { $exists: false } }, { sort: { last_login: -1 } })
      .toArray();
    const adopted = adoptable.find(({ client_id }) => client_id === email) ?? adoptable[0];
    if (adopted || !emailVerified) return adopted ?? null;
    return this.#clients.findOne({ expected_email: comparableEmail(email) });
  }

  async #register(person: Person, now: Date): Promise<Client | "conflict" | "raced"> {
    await this.#ids.vacate(person.email);
    const account = accountOf(person, now);
    if (await isInserted(this.#clients.insertOne({ ...account } as ClientDocument)))
      return clientOf(account as ClientDocument);
    const holder = await this.#clients.findOne({ client_id: person.email });
    const isOther = holder && (holder.sub !== person.sub || holder.issuer !== person.issuer);
    return isOther ? "conflict" : "raced";
  }

  async #renew(
    account: ClientDocument,
    { issuer, sub, email, name, role, groups }: Person,
    now: Date,
  ): Promise<Client | "conflict" | "raced"> {
    await this.#ids.completeRename(account);
    const isRename = account.client_id !== email;
    if (isRename) await this.#ids.vacate(email);
    try {
      // The unique index on client_id decides whether the e-mail is free. What hangs on the former id is only moved once it has.
      const renewed = await this.#clients.findOneAndUpdate(
        { _id: account._id, client_id: account.client_id, $or: [{ sub }, { sub: { $exists: false } }] },
        {
          $set: {
            client_id: email,
            sub,
            issuer,
            name,
            last_login: now,
            ...(role === undefined ? {} : { role }),
            ...(groups?.length ? { groups: [...groups] } : {}),
            ...(isRename ? { renamed_from: account.client_id } : {}),
          },
          // An account that waited for the person has had a secret; a person has none.
          $unset: {
            client_secret_hash: "",
            email: "",
            expected_email: "",
            ...(groups?.length ? {} : { groups: "" as const }),
          },
        },
        { returnDocument: "after" },
      );
      if (renewed === null) return "raced";
      await this.#ids.completeRename(renewed);
      return clientOf(renewed);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const holder = await this.#clients.findOne({ client_id: email });
      return holder && !holder._id.equals(account._id) ? "conflict" : "raced";
    }
  }
}
