import type { ClientStore } from "../store/clients.ts";
import type { SecretRecord, SecretStore } from "../store/secrets.ts";
import { boundTo } from "./database.ts";
import type { SecretKey } from "./secret-key.ts";

const BATCH = 100;

export interface RotationOptions {
  secrets: SecretStore;
  clients: Pick<ClientStore, "find">;
  /** Keys that sealed what is stored now. */
  from: readonly SecretKey[];
  to: SecretKey;
  /** What becomes of secrets that no key opens: end the rotation, or delete them because their key is lost. */
  unreadable: "stop" | "delete";
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
 * Seals every stored secret under the new key. Servers that know both keys may go on all the while, and may write: a value that
 * changes under the rotation is left alone and looked at again. It may be interrupted and run again at any time.
 */
export async function rotateSecretsKey(options: RotationOptions): Promise<RotationResult> {
  const done = { resealed: 0, deleted: 0 };
  while (!options.signal?.aborted) {
    const batch = await options.secrets.sealedWithOtherKey(options.to.id, BATCH);
    if (batch.length === 0) break;
    // Together, so that the store can make one transaction of them.
    const outcomes = await Promise.all(batch.map((record) => reseal(record, options)));
    for (const outcome of outcomes) if (outcome !== "changed") done[outcome]++;
    options.onProgress?.({ ...done });
  }
  return done;
}

async function reseal(
  record: SecretRecord,
  { secrets, clients, from, to, unreadable }: RotationOptions,
): Promise<"resealed" | "deleted" | "changed"> {
  const bound = await boundTo(clients, record.owner, record.path);
  const key = from.find(({ id }) => id === record.keyId);
  const value = await key?.open(record.sealed, bound).catch(() => undefined);
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
