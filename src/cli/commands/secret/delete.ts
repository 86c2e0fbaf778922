import { HttpError } from "../../api/errors.ts";
import { AuthenticationError } from "../../auth/errors.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { secretPath } from "./path.ts";

export default defineCommand({
  meta: { name: "delete", description: "Delete a secret" },
  args: {
    ...credentialOptions,
    path: { type: "positional", read: secretPath, description: "name of the secret" },
  },
  examples: ["testflinger secret delete lab/token"],
  run,
});

export async function run({ path: name }: { path: string }, session: Session): Promise<void> {
  const clientId = (await session.api.auth.authenticate())?.clientId;
  if (!clientId) throw new AuthenticationError("Error deleting secret: Authentication is required");
  try {
    await session.api.secrets.delete(clientId, name);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new CliError(`Error deleting secret: [${error.status}] ${error.message}`);
  }
  session.context.io.stdout.write(`Secret '${name}' deleted successfully\n`);
}
