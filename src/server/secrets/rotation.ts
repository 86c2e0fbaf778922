import type { ClientStore } from "../store/clients.ts";
import type { ReferenceSecretStore } from "../store/reference-secrets.ts";
import type { SecretRecord, SecretStore } from "../store/secrets.ts";
import { boundTo } from "./database.ts";
import { openWithAny } from "./reference.ts";
import { sealDataKey } from "./reference-encryption.ts";
import { SecretKey } from "./secret-key.ts";

const BATCH = 100;

export interface RotationOptions {
  store: {
    readonly secrets: SecretStore;
    readonly clients: Pick<ClientStore, "find">;
    readonly referenceSecrets?: ReferenceSecretStore;
  };
  /** Master keys, of 96 bytes each. */
  from: Uint8Array;
  to: Uint8Array;
  /** What becomes of secrets that no key opens: end the rotation, or delete them because their key is lost. */
  unreadable: "stop" | "delete";
  now: () => Date;
  /** Ends the rotation soon; what is left is done by running it again. */
  signal?: AbortSignal;
  onProgress?: (done: RotationResult) => void;
}

export interface RotationResult {
  readonly resealed: number;
  readonly deleted: number;
}

/** A secret that none of the given keys opens. */
export class UnreadableSecret extends Error {
  override readonly name = "UnreadableSecret";
}

/**
 * Seals every stored secret under the new key. Servers that know both keys may go on all the while, and may write: a value that changes under the
 * rotation is left alone and looked at again. It may be interrupted and run again at any time.
 */
export async function rotateSecretsKey(options: RotationOptions): Promise<RotationResult> {
  const keys = { from: await SecretKey.of(options.from), to: await SecretKey.of(options.to) };
  const done = { resealed: 0, deleted: 0 };
  await rewrapDataKeys(options);
  while (!options.signal?.aborted) {
    const batch = await options.store.secrets.sealedWithOtherKey(keys.to.id, BATCH);
    if (batch.length === 0) break;
    // Together, so that the store can make one transaction of them.
    const outcomes = await Promise.all(batch.map((record) => reseal(record, keys, options)));
    for (const outcome of outcomes) if (outcome !== "changed") done[outcome]++;
    options.onProgress?.({ ...done });
  }
  return done;
}

async function reseal(
  record: SecretRecord,
  { from, to }: { from: SecretKey; to: SecretKey },
  { store: { secrets, clients }, unreadable }: RotationOptions,
): Promise<"resealed" | "deleted" | "changed"> {
  const bound = await boundTo(clients, record.owner, record.path);
  const value = record.keyId === from.id ? await from.open(record.sealed, bound).catch(() => undefined) : undefined;
  if (value !== undefined)
    return (await secrets.reseal(record, await to.seal(value, bound), to.id)) ? "resealed" : "changed";
  if (unreadable === "stop")
    throw new UnreadableSecret(
      `The secret '${record.path}' of '${record.owner}' does not open with the given old key. ` +
        "Give the key it was sealed with, or have unreadable secrets deleted.",
    );
  await secrets.delete(record.owner, record.path);
  return "deleted";
}

/** The reference's secrets are encrypted by data keys; only these change hands (data section 4.4). */
async function rewrapDataKeys({ store, from, to, unreadable, now }: RotationOptions): Promise<void> {
  const { referenceSecrets: reference } = store;
  if (!reference) return;
  for (const key of await reference.dataKeys()) {
    if (await openWithAny([to], key.material)) continue;
    const dataKey = await openWithAny([from], key.material);
    if (dataKey) await reference.rewrap(key, await sealDataKey(to, dataKey), now());
    else if (unreadable === "delete") await reference.deleteDataKey(key);
    else throw new UnreadableSecret("The data key of older secrets does not open with the given old key.");
  }
}
