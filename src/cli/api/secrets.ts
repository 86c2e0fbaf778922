import { path } from "./path.ts";
import type { Requester } from "./requester.ts";
import { anyObject } from "./shapes.ts";

/** How long a secret lives: seconds, null for ever; an ephemeral one until it is first used. */
export type SecretValue =
  | { readonly value: string; readonly expire_after: number | null }
  | { readonly value: string; readonly ephemeral: true };

export interface StoredSecret {
  /** A date as text or `{ "$date": text }`; null or missing when the secret does not expire by itself. */
  readonly expires_at?: unknown;
}

/** Requests about the secrets of a client (server-api sections 6.39 and 6.40). */
export class Secrets {
  constructor(private readonly requester: Requester) {}

  /** @param name segments joined by `/` */
  write(clientId: string, name: string, secret: SecretValue): Promise<StoredSecret> {
    return this.requester.sendJson("PUT", secretPath(clientId, name), secret, anyObject<StoredSecret>());
  }

  async delete(clientId: string, name: string): Promise<void> {
    await this.requester.send("DELETE", secretPath(clientId, name));
  }
}

const secretPath = (clientId: string, name: string) => path`/v1/secrets/${clientId}/${name.split("/")}`;
