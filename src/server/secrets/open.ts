import { describeError, type Logger } from "../log/logger.ts";
import type { Store } from "../store/store.ts";
import type { SecretsBackend } from "./backend.ts";
import { DatabaseSecrets } from "./database.ts";
import { WithReferenceSecrets } from "./reference.ts";
import { SecretKey } from "./secret-key.ts";
import type { Fetch, VaultSettings } from "./vault-client.ts";
import { VaultSecrets } from "./vault.ts";

export interface SecretsSettings {
  /** 96 bytes; without it the database keeps no secrets. */
  readonly masterKey?: Uint8Array;
  /** The key that is about to replace it. */
  readonly nextMasterKey?: Uint8Array;
  readonly vault?: VaultSettings;
}

export interface SecretsSurroundings {
  store: Pick<Store, "secrets" | "clients" | "referenceSecrets">;
  fetch: Fetch;
  now: () => Date;
  log: Logger;
}

/**
 * Where the settings say that secrets are kept: Vault, else the database, else nowhere (data section 4.1). Settings that do not work throw
 * SecretsSetupError; the reference goes on with the next store, and the secrets are gone without a word.
 */
export async function openSecrets(
  { masterKey, nextMasterKey, vault }: SecretsSettings,
  { store, fetch, now, log }: SecretsSurroundings,
): Promise<SecretsBackend | null> {
  if (vault) {
    const onError = (error: unknown) => log.warn("used secret is not removed from Vault", describeError(error));
    return VaultSecrets.open({ ...vault, fetch, now, onError });
  }
  if (!masterKey) return null;
  const { secrets, clients, referenceSecrets } = store;
  const key = await SecretKey.of(masterKey);
  const nextKey = nextMasterKey && (await SecretKey.of(nextMasterKey));
  const own = await DatabaseSecrets.open({ secrets, clients, key, nextKey, now });
  if (!referenceSecrets) return own;
  const masterKeys = nextMasterKey ? [masterKey, nextMasterKey] : [masterKey];
  return WithReferenceSecrets.open(own, { reference: referenceSecrets, masterKeys, now });
}
