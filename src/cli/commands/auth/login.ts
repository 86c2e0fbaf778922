import { printableLine } from "../../api/printable.ts";
import { CliError, UsageError } from "../../errors.ts";
import { defineCommand, type Options } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { askForCredentials } from "./ask-credentials.ts";

const args = {
  ...credentialOptions,
  method: {
    type: "enum",
    options: ["credentials", "oidc"],
    description: "log in with a client id and its secret key, or through a web browser; chosen by itself otherwise",
  },
  web: { type: "boolean", description: "log in through a browser on this machine, without a code to compare" },
  "no-browser": { type: "boolean", description: "show the address to visit, but do not open it" },
} as const;

export default defineCommand({
  meta: { name: "login", description: "Log in to the server" },
  args,
  details:
    "Logs in with the client id and secret key if both are known, else through a web browser on any device, " +
    "and remembers the login for later commands. Replaces an earlier login at the same server.",
  examples: [
    "testflinger login",
    "testflinger login --web",
    "testflinger login --method credentials  # asks for the secret key",
  ],
  run,
});

/** @throws {CliError} when nobody could be logged in */
export async function run(options: Options<typeof args>, session: Session): Promise<void> {
  const { method, noBrowser, web } = options;
  if (web && method === "credentials")
    throw new UsageError("argument --web: not allowed with --method credentials", ["login"]);
  const { api, context } = session;
  const credentials =
    method === "credentials" ? await askForCredentials(session, session.context.io.stdout) : api.auth.credentials;
  const caller = await api.auth.logIn({ credentials, method, browser: !noBrowser, web });
  if (!caller) throw new CliError("Please provide credentials and reattempt login");
  const name = caller.clientId === undefined ? "None" : printableLine(caller.clientId);
  context.io.stdout.write(`Successfully authenticated as '${name}'\n`);
}
