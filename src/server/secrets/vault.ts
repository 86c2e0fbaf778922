import { type Secret, SecretRefused, type SecretsBackend, SecretsSetupError, SecretsUnavailable } from "./backend.ts";
import { type Fetch, VaultClient, type VaultSettings } from "./vault-client.ts";

export interface VaultSecretsOptions extends VaultSettings {
  fetch: Fetch;
  now: () => Date;
  /** Something that costs nobody a secret went wrong. */
  onError: (error: unknown) => void;
}

interface StoredVersion extends Secret {
  readonly version: number;
}

/**
 * Secrets in HashiCorp Vault, at the places and in the form of the reference (data section 4.3). The time of expiry is kept beside the value and
 * checked: Vault's own expiry is a property of the path, so that it may be another write's. It is set too, so that Vault cleans up.
 */
export class VaultSecrets implements SecretsBackend {
  readonly name = "Vault";
  private renewAt: Date | undefined;

  private constructor(
    private readonly vault: VaultClient,
    private readonly options: VaultSecretsOptions,
  ) {}

  /** Throws SecretsSetupError if Vault is not there or does not know the token. */
  static async open(options: VaultSecretsOptions): Promise<VaultSecrets> {
    const { url } = options;
    const backend = new VaultSecrets(new VaultClient(options, options.fetch), options);
    const known = await backend.lookUpToken().catch((cause: SecretRefused | SecretsUnavailable) => {
      throw new SecretsSetupError(
        `TESTFLINGER_VAULT_URL (${url}) does not answer as a Vault that is ready: ${cause.reason}. ` +
          "Correct it, or unset both it and TESTFLINGER_VAULT_TOKEN.",
        { cause },
      );
    });
    if (!known)
      throw new SecretsSetupError(
        `TESTFLINGER_VAULT_TOKEN is not accepted by the Vault at TESTFLINGER_VAULT_URL (${url}). Set a valid token, or unset both.`,
      );
    return backend;
  }

  async put(owner: string, path: string, { value, ephemeral, expiresAt }: Secret): Promise<void> {
    const place = placeOf(owner, path);
    const seconds = expiresAt ? Math.max(1, Math.ceil((expiresAt.getTime() - this.options.now().getTime()) / 1000)) : 0;
    // First, because it counts for versions that are written afterwards only.
    await this.vault.expireVersionsAfter(place, seconds);
    await this.vault.write(place, { value, ephemeral, ...(expiresAt ? { expires_at: expiresAt.toISOString() } : {}) });
  }

  /** Reads the values: the reference's access policies need not allow more. */
  async existing(owner: string, paths: readonly string[]): Promise<string[]> {
    const found = await Promise.all(paths.map(async (path) => ((await this.newest(owner, path)) ? [path] : [])));
    return found.flat();
  }

  async take(owner: string, path: string): Promise<Secret | null> {
    const secret = await this.newest(owner, path);
    if (!secret?.ephemeral) return secret;
    const place = placeOf(owner, path);
    // Of several readers of the same version one gets to write the next, which marks the secret as used.
    if (!(await this.vault.write(place, { value: "", ephemeral: true, used: true }, secret.version))) return null;
    await this.vault.delete(place).catch(this.options.onError);
    return secret;
  }

  async delete(owner: string, path: string): Promise<void> {
    await this.vault.delete(placeOf(owner, path));
  }

  /** Renews the token in the second half of its life. */
  async maintain(): Promise<void> {
    if (!this.renewAt || this.options.now() < this.renewAt) return;
    await this.vault.renewOwnToken();
    await this.lookUpToken();
  }

  /** False if Vault does not know the token. */
  private async lookUpToken(): Promise<boolean> {
    const token = await this.vault.ownToken();
    if (!token) return false;
    const { ttl, renewable } = token;
    this.renewAt = renewable && ttl > 0 ? new Date(this.options.now().getTime() + (ttl * 1000) / 2) : undefined;
    return true;
  }

  private async newest(owner: string, path: string): Promise<StoredVersion | null> {
    const stored = await this.vault.read(placeOf(owner, path));
    if (!stored || stored.data.used === true) return null;
    const { value, ephemeral, expires_at } = stored.data;
    if (typeof value !== "string") throw new SecretsUnavailable(`the secret at ${path} in Vault has no value`);
    const expiresAt = typeof expires_at === "string" ? new Date(expires_at) : null;
    if (expiresAt && !(expiresAt > this.options.now())) return null;
    return { value, ephemeral: ephemeral === true, expiresAt, version: stored.version };
  }
}

/** A client id with a slash or dots would reach other clients' secrets, or other parts of Vault. */
function placeOf(owner: string, path: string): string {
  if (owner === "" || /[/\\\p{Cc}]/u.test(owner) || /^\.+$/.test(owner))
    throw new SecretRefused(`The client id '${owner}' cannot have secrets in Vault`);
  return [owner, ...path.split("/")].map(encodeURIComponent).join("/");
}
