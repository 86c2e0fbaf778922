import type { ClientStore } from "../store/clients.ts";
import type { SecretRecord, SecretStore } from "../store/secrets.ts";
import { type Secret, type SecretsBackend, SecretsSetupError, SecretsUnavailable } from "./backend.ts";
import type { SecretKey } from "./secret-key.ts";

/** Records looked at to find out at the start whether the keys fit. */
const SAMPLE = 100;

export interface DatabaseSecretsOptions {
  secrets: SecretStore;
  clients: Pick<ClientStore, "find">;
  key: SecretKey;
  /** The key that stored secrets are about to change to. */
  nextKey?: SecretKey;
  now: () => Date;
}

/** Secrets in the server's own database, sealed so that whoever reads the database does not read them (data section 4.2). */
export class DatabaseSecrets implements SecretsBackend {
  readonly name = "database";
  private readonly keys: ReadonlyMap<string, SecretKey>;

  private constructor(private readonly options: DatabaseSecretsOptions) {
    this.keys = new Map([options.key, options.nextKey ?? options.key].map((key) => [key.id, key]));
  }

  /** Throws SecretsSetupError if stored secrets were sealed by a key that is not given: they would all read as empty. */
  static async open(options: DatabaseSecretsOptions): Promise<DatabaseSecrets> {
    const backend = new DatabaseSecrets(options);
    const others = await options.secrets.sealedWithOtherKey(options.key.id, SAMPLE);
    if (others.some(({ keyId }) => !backend.keys.has(keyId)))
      throw new SecretsSetupError(
        "TESTFLINGER_SECRETS_MASTER_KEY is not the key that sealed the stored secrets. Set the key they were stored under; to change keys, run " +
          "rotate-secrets-key with the old and the new one. If the old key is lost, rotate-secrets-key can delete what it sealed.",
      );
    return backend;
  }

  async put(owner: string, path: string, { value, ephemeral, expiresAt }: Secret): Promise<void> {
    const { secrets, now } = this.options;
    const key = await this.sealingKey();
    const sealed = await key.seal(value, await this.bound(owner, path));
    await secrets.put({ owner, path, sealed, keyId: key.id, ephemeral, expiresAt: expiresAt ?? undefined }, now());
  }

  existing(owner: string, paths: readonly string[]): Promise<string[]> {
    return this.options.secrets.existing(owner, paths, this.options.now());
  }

  async take(owner: string, path: string): Promise<Secret | null> {
    const record = await this.options.secrets.take(owner, path, this.options.now());
    if (!record) return null;
    return { value: await this.open(record), ephemeral: record.ephemeral, expiresAt: record.expiresAt ?? null };
  }

  delete(owner: string, path: string): Promise<void> {
    return this.options.secrets.delete(owner, path);
  }

  async maintain(): Promise<void> {}

  /** The next key once the rotation has begun: by then every server knows it, and what it has passed must not be written in the old way. */
  private async sealingKey(): Promise<SecretKey> {
    const { secrets, key, nextKey } = this.options;
    if (!nextKey) return key;
    return (await secrets.sealedWithOtherKey(key.id, 1)).length > 0 ? nextKey : key;
  }

  private async open(record: SecretRecord): Promise<string> {
    const key = this.keys.get(record.keyId);
    if (!key) throw new SecretsUnavailable(`sealed by the unknown key ${record.keyId}`);
    try {
      return await key.open(record.sealed, await this.bound(record.owner, record.path));
    } catch (cause) {
      throw new SecretsUnavailable("the sealed value does not open: it was changed or belongs elsewhere", { cause });
    }
  }

  private bound(owner: string, path: string): Promise<string[]> {
    return boundTo(this.options.clients, owner, path);
  }
}

/**
 * What a sealed value is bound to. A person is told by the identity provider's `sub`: it stays when the e-mail changes, and somebody else who
 * gets the address later does not inherit the secrets.
 */
export async function boundTo(clients: Pick<ClientStore, "find">, owner: string, path: string): Promise<string[]> {
  const subject = (await clients.find(owner))?.subject;
  return subject ? ["person", subject.sub, path] : ["client", owner, path];
}
