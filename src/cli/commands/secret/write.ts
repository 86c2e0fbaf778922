import { HttpError } from "../../api/errors.ts";
import type { SecretValue, StoredSecret } from "../../api/secrets.ts";
import { AuthenticationError } from "../../auth/errors.ts";
import { CliError, UsageError } from "../../errors.ts";
import { readSecret } from "../../files/secret-file.ts";
import { defineCommand } from "../../grammar/command.ts";
import { integer, path } from "../../grammar/values.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { dateText, wallClock } from "../../output/server-date.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { secretPath } from "./path.ts";

const A_YEAR = 365 * 24 * 3600;
const NEVER = -1;

export default defineCommand({
  meta: { name: "write", description: "Store a secret" },
  details:
    "Without VALUE the value is asked for without showing it, or read from standard input: a value on the command " +
    "line can be seen by other users of this machine, and stays in the history of your shell.",
  args: {
    "expire-after": {
      type: "string",
      read: integer,
      default: A_YEAR,
      valueHint: "SECONDS",
      description: "how long the secret is kept; -1 keeps it for ever",
    },
    "single-use": { type: "boolean", description: "delete the secret when a job has used it" },
    "value-file": {
      type: "string",
      read: path,
      valueHint: "FILE",
      completes: "file",
      description: "read the value from a file, - for standard input; a line end at its end is dropped",
    },
    ...outputOptions,
    ...credentialOptions,
    path: { type: "positional", read: secretPath, description: "name of the secret, for example lab/token" },
    value: { type: "positional", required: false, description: "value of the secret" },
  },
  exclusive: [
    ["expire-after", "single-use"],
    ["json", "output"],
  ],
  fields: {
    path: "name of the secret",
    client_id: "whose secret it is",
    expires_at: "when it is deleted by itself, ISO 8601; null for never",
    single_use: "is it deleted when a job has used it?",
  },
  examples: [
    "testflinger secret write lab/token                          # asks for the value",
    "testflinger secret write lab/token --value-file token.txt",
    "testflinger secret write --single-use lab/token -- -value-  # a value that begins with a hyphen",
  ],
  run,
});

export interface SecretWriteOptions extends OutputChoice {
  readonly path: string;
  readonly value: string | undefined;
  readonly valueFile: string | undefined;
  readonly expireAfter: number;
  readonly singleUse: boolean;
}

export async function run(options: SecretWriteOptions, session: Session): Promise<void> {
  const { path: name, expireAfter, singleUse } = options;
  const value = await valueOf(options, session);
  const clientId = (await session.api.auth.authenticate())?.clientId;
  if (!clientId) throw new AuthenticationError("Error writing secret: Authentication is required");
  if (!singleUse && expireAfter <= 0 && expireAfter !== NEVER) {
    throw new CliError("Error writing secret: --expire-after must be a positive integer or -1");
  }
  const secret: SecretValue = singleUse
    ? { value, ephemeral: true }
    : { value, expire_after: expireAfter === NEVER ? null : expireAfter };
  const stored = await write(session, clientId, name, secret);
  const { stdout } = session.context.io;
  const table = () => `Secret '${name}' written successfully\n${lifeTime(stored, singleUse)}\n`;
  const expiresAt = singleUse ? null : dateText(stored.expires_at) || null;
  const written = { path: name, client_id: clientId, expires_at: expiresAt, single_use: singleUse };
  await printData(chosenFormat(options) ?? "table", { value: written, layout: { indent: 2 }, table }, stdout);
}

async function valueOf({ value, valueFile }: SecretWriteOptions, { context }: Session): Promise<string> {
  const { stdin, stderr } = context.io;
  if (value !== undefined && valueFile === undefined) return value;
  if (value !== undefined) throw usage("argument value: not allowed with argument --value-file");
  if (valueFile !== undefined) return readSecret(valueFile, context);
  if (!stdin.isTTY) {
    const piped = await readSecret("-", context);
    if (piped === "") throw usage("the following arguments are required: value");
    return piped;
  }
  // First, so that what is typed at the sight of the prompt is hidden already.
  const answered = stdin.hidden();
  stderr.write("Value of the secret (not shown): ");
  const typed = await answered;
  stderr.write("\n");
  if (!typed) throw new CliError("Error writing secret: no value was given");
  return typed;
}

const usage = (message: string) => new UsageError(message, ["secret", "write"]);

async function write({ api }: Session, clientId: string, name: string, secret: SecretValue): Promise<StoredSecret> {
  try {
    return await api.secrets.write(clientId, name, secret);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new CliError(`Error writing secret: [${error.status}] ${error.message}`, 1, { cause: error });
  }
}

function lifeTime({ expires_at: expiresAt }: StoredSecret, singleUse: boolean): string {
  if (singleUse) return "This secret will be deleted after first use";
  const end = wallClock(dateText(expiresAt));
  return end ? `This secret will expire at ${end.time} ${end.zone}` : "This secret will not expire automatically";
}
