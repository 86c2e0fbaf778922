import { ConnectionFailure, NetworkError } from "../../api/errors.ts";
import { printableLine } from "../../api/printable.ts";
import { AuthenticationError } from "../../auth/errors.ts";
import type { Credentials } from "../../auth/token-endpoint.ts";
import { readConfigFile, setInConfigFile } from "../../config/config-file.ts";
import { CliError, UsageError } from "../../errors.ts";
import { readSecret } from "../../files/secret-file.ts";
import { defineCommand } from "../../grammar/command.ts";
import { path } from "../../grammar/values.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { askForCredentials } from "./ask-credentials.ts";

export default defineCommand({
  meta: { name: "change-secret-key", description: "Change the secret key of a client id" },
  details:
    "Proves with the present secret key who you are, and ends all logins that it has begun. Without an option the new " +
    "key is asked for without showing it, or read from standard input. Where the configuration file holds the present " +
    "key, the new one takes its place. Who logs in through a browser has no secret key.",
  args: {
    generate: { type: "boolean", description: "make a new secret key that nobody can guess, and print it" },
    "new-secret-key-file": {
      type: "string",
      read: path,
      valueHint: "FILE",
      completes: "file",
      description: "read the new secret key from a file, - for standard input; a line end at its end is dropped",
    },
    ...outputOptions,
    ...credentialOptions,
  },
  exclusive: [
    ["generate", "new-secret-key-file"],
    ["json", "output"],
  ],
  fields: {
    client_id: "whose secret key was changed",
    server: "URL of the server",
    secret_key: "the new secret key if it was generated, else null",
  },
  examples: [
    "testflinger change-secret-key                               # asks for the new secret key",
    "testflinger change-secret-key --new-secret-key-file key.txt",
    "testflinger change-secret-key --generate --json | jq -r .secret_key",
  ],
  run,
});

export interface ChangeSecretKeyOptions extends OutputChoice {
  readonly generate: boolean;
  readonly newSecretKeyFile: string | undefined;
}

/** @throws {CliError} when the secret key could not be changed, or nobody knows whether it was */
export async function run(options: ChangeSecretKeyOptions, session: Session): Promise<void> {
  const { api, context } = session;
  const { stdout, stderr } = context.io;
  if (!(await api.info.supports("own-secret")))
    throw new CliError(`The server ${api.server.base} does not let clients change their secret keys.`);
  const present = await askForCredentials(session, stderr);
  if (!present)
    throw new AuthenticationError(
      "Changing the secret key needs the client id and its present secret key: set TESTFLINGER_CLIENT_ID and " +
        "TESTFLINGER_SECRET_KEY. A login is not enough, and who logs in through a browser has no secret key.",
    );
  const secretKey = await newSecretKey(options, session);
  await change(present, secretKey, options.generate, session);
  const { clientId } = present;
  const told = options.generate ? secretKey : null;
  const value = { client_id: clientId, server: api.server.base, secret_key: told };
  const table = () =>
    `Changed the secret key of '${printableLine(clientId)}' and ended its logins.\n` +
    (told === null ? "" : `New secret key, shown only this once: ${told}\n`);
  await printData(chosenFormat(options) ?? "table", { value, layout: { indent: 2 }, table }, stdout);
  await replaceFormer(present, secretKey, session);
}

async function newSecretKey(options: ChangeSecretKeyOptions, { context }: Session): Promise<string> {
  const { stdin, stderr } = context.io;
  // Made here, not by the server: an answer that is lost must not take the only copy with it.
  if (options.generate) return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("hex");
  if (options.newSecretKeyFile !== undefined) return given(await readSecret(options.newSecretKeyFile, context));
  if (!stdin.isTTY) return given(await readSecret("-", context));
  const ask = async (prompt: string) => {
    // First, so that what is typed at the sight of the prompt is hidden already.
    const answered = stdin.hidden();
    stderr.write(prompt);
    const typed = await answered;
    stderr.write("\n");
    if (!typed) throw new CliError("No new secret key was given: nothing was changed");
    return typed;
  };
  const typed = await ask("New secret key (not shown): ");
  if (typed !== (await ask("New secret key again: ")))
    throw new CliError("The two new secret keys differ: nothing was changed");
  return typed;
}

function given(secretKey: string): string {
  if (secretKey !== "") return secretKey;
  throw new UsageError("the new secret key is empty: give it on standard input, or use --generate", [
    "change-secret-key",
  ]);
}

async function change(
  present: Credentials,
  secretKey: string,
  generated: boolean,
  { api, context }: Session,
): Promise<void> {
  try {
    await api.secretKey.change(present, secretKey);
  } catch (error) {
    const isUnknown = error instanceof NetworkError || error instanceof ConnectionFailure;
    if (isUnknown && generated)
      context.io.stderr.write(`If the server has changed the secret key all the same, it is: ${secretKey}\n`);
    throw error;
  }
}

/** What is kept here for the former key: it is good for nothing any more. */
async function replaceFormer(
  { clientId, secretKey: former }: Credentials,
  secretKey: string,
  { api, configFile, context, log }: Session,
): Promise<void> {
  if (context.env.TESTFLINGER_SECRET_KEY === former)
    log.warning("auth", "TESTFLINGER_SECRET_KEY in the environment is still the former secret key");
  try {
    if (api.auth.storedLogin?.clientId === clientId) await api.auth.forget();
    if (readConfigFile(configFile).get("secret_key") === former)
      await setInConfigFile(configFile, "secret_key", secretKey);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    log.warning("auth", `The secret key is changed, but the former one is still kept here: ${error.message}`);
  }
}
