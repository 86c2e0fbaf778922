import { ApiClient } from "../../api/client.ts";
import { printableLine } from "../../api/printable.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";

export default defineCommand({
  meta: { name: "logout", description: "End the stored login" },
  details:
    "Ends the login on the server where the server can do that, and forgets it here in any case. " +
    "A client id and secret key in the configuration or the environment stay in use.",
  examples: ["testflinger logout", "testflinger --server https://testflinger.example.com logout"],
  run,
});

/** @throws {CliError} when the stored login cannot be removed */
export async function run(_options: {}, { context, settings, log }: Session): Promise<void> {
  const { stdout } = context.io;
  // Configured credentials are another identity; what is to be ended is the stored login.
  const api = new ApiClient(context, { ...settings, clientId: undefined, secretKey: undefined }, log);
  const login = api.auth.storedLogin;
  if (!login) return stdout.write(`Not logged in to ${api.server.base}.\n`);
  const ended = await endAtServer(api).catch((error: unknown) => {
    if (!(error instanceof CliError)) throw error;
    log.warning("auth", `The server could not be asked to end the login: ${error.message}`);
    return false;
  });
  await api.auth.forget();
  const who = `Logged out '${printableLine(login.clientId)}' from ${api.server.base}`;
  stdout.write(
    ended
      ? `${who}, and ended the login on the server.\n`
      : `${who}. The server itself keeps the login until it expires.\n`,
  );
}

/** Is the login over on the server? */
async function endAtServer(api: ApiClient): Promise<boolean> {
  if (!(await api.info.supports("sessions"))) return false;
  const caller = await api.auth.identify();
  // The server does not know the login any more.
  if (!caller) return true;
  const session = (await api.sessions.list()).find(({ current }) => current === true);
  if (session) await api.sessions.end(session.id);
  return session !== undefined;
}
