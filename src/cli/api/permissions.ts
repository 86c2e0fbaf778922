import type { JsonDocument } from "./decode.ts";
import { path } from "./path.ts";
import type { Requester } from "./requester.ts";
import { anyObject, arrayOf } from "./shapes.ts";

/** What a client may do (auth section 4.3). */
export type ClientPermissions = Record<string, unknown>;

/** Requests about client permissions (server-api sections 6.35 to 6.38). */
export class Permissions {
  constructor(private readonly requester: Requester) {}

  list(): Promise<JsonDocument<ClientPermissions[]>> {
    return this.requester.getDocument(path`/v1/client-permissions`, arrayOf(anyObject<ClientPermissions>()));
  }

  /** 404: unknown client. */
  get(clientId: string): Promise<JsonDocument<ClientPermissions>> {
    return this.requester.getDocument(path`/v1/client-permissions/${clientId}`, anyObject<ClientPermissions>());
  }

  /** @returns the server's words */
  set(clientId: string, permissions: unknown): Promise<string> {
    return this.requester.send("PUT", path`/v1/client-permissions/${clientId}`, permissions);
  }

  async delete(clientId: string): Promise<void> {
    await this.requester.send("DELETE", path`/v1/client-permissions/${clientId}`);
  }
}
