import type { LoginSession } from "../../api/sessions.ts";
import { CliError } from "../../errors.ts";
import type { Session } from "../../session.ts";

/**
 * The logins of the user, or for admins those of another client, newest first as the server gives them.
 * @throws CliError when the server cannot tell, or nobody is logged in
 */
export async function loginsOf(clientId: string | undefined, { api, program }: Session): Promise<LoginSession[]> {
  if (!(await api.info.supports("sessions"))) {
    throw new CliError(`The server ${api.server.base} does not offer to list or end logins.`);
  }
  if (!(await api.auth.identify())) {
    throw new CliError(`Not logged in to ${api.server.base}. Run: ${program} login`);
  }
  return api.sessions.list(clientId);
}
