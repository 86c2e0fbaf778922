import type { Caller } from "../http/caller.ts";
import { Problem } from "../http/problem.ts";
import { effectivePermissions } from "../permissions/groups.ts";
import { roleOf } from "../permissions/role-of.ts";
import type { Store } from "../store/store.ts";

export interface StandingOptions {
  store: Pick<Store, "clients" | "refreshTokens">;
  now: () => Date;
}

/**
 * How a caller stands now, beside what the token says, which may be ten minutes old. Asked where an old token could do most harm: when admins and
 * managers change something.
 */
export class Standing {
  constructor(private readonly options: StandingOptions) {}

  /**
   * The caller with the role of the moment.
   *
   * @throws Problem 401 if the account is gone or disabled, or the login has ended
   */
  async present(caller: Caller): Promise<Caller> {
    const { store, now } = this.options;
    const { clientId, session } = caller;
    if (clientId === null) return caller;
    const client = await store.clients.find(clientId);
    // Tokens of the reference name no login; what signed them is trusted, also for clients that only it knows.
    if (!client && session === undefined) return caller;
    const isOver = session !== undefined && (await store.refreshTokens.living(session, now())) === null;
    if (!client || client.disabled || isOver) throw new Problem(401, "Token has been revoked");
    const role = roleOf(client);
    if (role === caller.role) return caller;
    return { ...caller, role, permissions: { ...(await effectivePermissions(client, store.clients)), role } };
  }
}
