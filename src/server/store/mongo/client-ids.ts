import type { ClientDocument } from "./client-document.ts";
import type { Collections } from "./collections.ts";
import { isDuplicateKey } from "./errors.ts";

/**
 * What hangs on a client's id in other collections. There are no transactions on a standalone MongoDB, so each of these can be
 * cut short; all of them can be repeated.
 */
export class ClientIds {
  readonly #clients: Collections["clients"];
  readonly #tokens: Collections["refreshTokens"];
  readonly #sessions: Collections["browserSessions"];
  readonly #secrets: Collections["secrets"];
  readonly #jobs: Collections["jobs"];

  constructor({ clients, refreshTokens, browserSessions, secrets, jobs }: Collections) {
    this.#clients = clients;
    this.#tokens = refreshTokens;
    this.#sessions = browserSessions;
    this.#secrets = secrets;
    this.#jobs = jobs;
  }

  /** Removes the credentials and secrets of the id. */
  async discard(id: string): Promise<void> {
    await this.#tokens.deleteMany({ client_id: id });
    await this.#sessions.deleteMany({ client_id: id });
    await this.#secrets.deleteMany({ owner: id });
  }

  /** Makes sure that whoever gets the id next inherits nothing from an earlier holder. A taken id stays as it is. */
  async vacate(id: string): Promise<void> {
    const renamed = await this.#clients.findOne({ renamed_from: id });
    if (renamed) await this.completeRename(renamed);
    if ((await this.#clients.findOne({ client_id: id }, { projection: { _id: 1 } })) === null) await this.discard(id);
  }

  /** Lets everything that hangs on a renamed client's former id follow. */
  async completeRename({ _id, client_id: id, renamed_from: former }: ClientDocument): Promise<void> {
    if (former === undefined) return;
    await this.#tokens.updateMany({ client_id: former }, { $set: { client_id: id } });
    await this.#sessions.updateMany({ client_id: former }, { $set: { client_id: id } });
    await this.#jobs.updateMany({ submitter: former }, { $set: { submitter: id } });
    await this.#jobs.updateMany({ "job_data.client_id": former }, { $set: { "job_data.client_id": id } });
    await this.#moveSecrets(former, id);
    await this.#clients.updateOne({ _id, renamed_from: former }, { $unset: { renamed_from: "" } });
  }

  async #moveSecrets(former: string, id: string): Promise<void> {
    for (const { _id } of await this.#secrets.find({ owner: former }, { projection: { _id: 1 } }).toArray()) {
      try {
        await this.#secrets.updateOne({ _id }, { $set: { owner: id } });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // Written under the new id after a rename that was cut short: the newer value counts.
        await this.#secrets.deleteOne({ _id });
      }
    }
  }
}
