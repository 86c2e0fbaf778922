import type { ReferenceSecret, ReferenceSecretStore } from "../store/reference-secrets.ts";
import { type Secret, type SecretsBackend, SecretsSetupError, SecretsUnavailable } from "./backend.ts";
import { dataKeyIdOf, decryptText, openDataKey } from "./reference-encryption.ts";

/** Parts that the reference puts in place of `@`, `.` and `$`: such ids could read another client's secrets there. */
const AMBIGUOUS = /_(at|dot|dollar)_/;

export interface ReferenceSecretsOptions {
  reference: ReferenceSecretStore;
  /** Of 96 bytes; the one in use, and others that may still be. */
  masterKeys: readonly Uint8Array[];
  now: () => Date;
}

/** Secrets that the reference has stored in the same database stay readable beside our own until they are replaced, used up or deleted. */
export class WithReferenceSecrets implements SecretsBackend {
  readonly name: string;
  /** By hexadecimal id. */
  private dataKeys: ReadonlyMap<string, Uint8Array> = new Map();

  private constructor(
    private readonly own: SecretsBackend,
    private readonly options: ReferenceSecretsOptions,
  ) {
    this.name = own.name;
  }

  /** Throws SecretsSetupError if no master key opens the reference's: its secrets would all read as empty. */
  static async open(own: SecretsBackend, options: ReferenceSecretsOptions): Promise<WithReferenceSecrets> {
    const backend = new WithReferenceSecrets(own, options);
    const unknown = await backend.loadDataKeys();
    if (unknown > 0)
      throw new SecretsSetupError(
        "TESTFLINGER_SECRETS_MASTER_KEY is not the key under which this database's secrets were stored. Set that key; to change it, run " +
          "rotate-secrets-key with the old and the new one.",
      );
    return backend;
  }

  async put(owner: string, path: string, secret: Secret): Promise<void> {
    await this.own.put(owner, path, secret);
    if (!AMBIGUOUS.test(owner)) await this.options.reference.remove(owner, path);
  }

  async existing(owner: string, paths: readonly string[]): Promise<string[]> {
    const existing = await this.own.existing(owner, paths);
    const others = paths.filter((path) => !existing.includes(path));
    if (others.length === 0 || AMBIGUOUS.test(owner)) return existing;
    return [...existing, ...(await this.options.reference.existing(owner, others, this.options.now()))];
  }

  async take(owner: string, path: string): Promise<Secret | null> {
    const own = await this.own.take(owner, path);
    if (own || AMBIGUOUS.test(owner)) return own;
    const { reference, now } = this.options;
    const secret = await reference.find(owner, path, now());
    if (!secret) return null;
    const value = await this.decrypt(secret);
    if (secret.ephemeral && !(await reference.remove(owner, path))) return null;
    return { value, ephemeral: secret.ephemeral, expiresAt: null };
  }

  async delete(owner: string, path: string): Promise<void> {
    await this.own.delete(owner, path);
    if (!AMBIGUOUS.test(owner)) await this.options.reference.remove(owner, path);
  }

  maintain(): Promise<void> {
    return this.own.maintain();
  }

  private async decrypt({ encrypted }: ReferenceSecret): Promise<string> {
    const id = hex(dataKeyIdOf(encrypted));
    // A server of the reference beside this one may have made the key since.
    if (!this.dataKeys.has(id)) await this.loadDataKeys();
    const key = this.dataKeys.get(id);
    if (!key) throw new SecretsUnavailable(`encrypted by the unknown data key ${id}`);
    return decryptText(key, encrypted).catch((cause: unknown) => {
      throw new SecretsUnavailable("a secret of the reference does not decrypt", { cause });
    });
  }

  /** How many of them no master key opens. */
  private async loadDataKeys(): Promise<number> {
    const { reference, masterKeys } = this.options;
    const stored = await reference.dataKeys();
    const opened = await Promise.all(
      stored.map(async ({ id, material }) => ({ id: hex(id), key: await openWithAny(masterKeys, material) })),
    );
    this.dataKeys = new Map(opened.flatMap(({ id, key }) => (key ? [[id, key]] : [])));
    return stored.length - this.dataKeys.size;
  }
}

/** Null if none of the keys opens it. */
export async function openWithAny(masterKeys: readonly Uint8Array[], material: Uint8Array): Promise<Uint8Array | null> {
  for (const masterKey of masterKeys) {
    const key = await openDataKey(masterKey, material).catch(() => null);
    if (key) return key;
  }
  return null;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
