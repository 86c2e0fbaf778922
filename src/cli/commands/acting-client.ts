import { readClaims } from "../auth/access-token.ts";
import type { Session } from "../session.ts";

export interface ActingClient {
  readonly token: string | undefined;
  /** Who the server takes us for. */
  readonly clientId: string | undefined;
}

/**
 * Logs in if need be, for commands that make sense only for somebody known.
 * @throws AuthenticationError when that fails
 */
export async function actingClient({ api: { auth } }: Pick<Session, "api">): Promise<ActingClient> {
  const token = await auth.authenticate();
  if (token === undefined) return { token, clientId: undefined };
  return { token, clientId: readClaims(token).clientId ?? auth.credentials?.clientId ?? auth.store.read()?.clientId };
}
