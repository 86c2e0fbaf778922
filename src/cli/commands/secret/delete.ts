import { HttpError } from "../../api/errors.ts";
import { AuthenticationError } from "../../auth/errors.ts";
import { CliError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { secretPath } from "./path.ts";

export default defineCommand({
  meta: { name: "delete", description: "Delete a secret" },
  args: {
    ...outputOptions,
    ...credentialOptions,
    path: { type: "positional", read: secretPath, description: "name of the secret" },
  },
  exclusive: [["json", "output"]],
  fields: { path: "name of the secret", client_id: "whose secret it was" },
  examples: ["testflinger secret delete lab/token"],
  run,
});

export type SecretDeleteOptions = OutputChoice & { readonly path: string };

export async function run({ path: name, ...choice }: SecretDeleteOptions, session: Session): Promise<void> {
  const clientId = (await session.api.auth.authenticate())?.clientId;
  if (!clientId) throw new AuthenticationError("Error deleting secret: Authentication is required");
  try {
    await session.api.secrets.delete(clientId, name);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new CliError(`Error deleting secret: [${error.status}] ${error.message}`, 1, { cause: error });
  }
  const { stdout } = session.context.io;
  const table = () => `Secret '${name}' deleted successfully\n`;
  const value = { path: name, client_id: clientId };
  await printData(chosenFormat(choice) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
}
