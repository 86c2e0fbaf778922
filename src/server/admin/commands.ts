import { createAgent } from "./create-agent.ts";
import { createClient } from "./create-client.ts";
import { createPerson } from "./create-person.ts";
import { deleteClient } from "./delete-client.ts";
import { endSessions } from "./end-sessions.ts";
import { HELP, OVERVIEW } from "./help.ts";
import { link } from "./link.ts";
import { listClients } from "./list-clients.ts";
import { type Operator, Refusal, UsageError } from "./operator.ts";
import { rotateSecrets } from "./rotate-secrets-key.ts";
import { setPermissions } from "./set-permissions.ts";

type Command = (args: readonly string[], operator: Operator) => Promise<void>;

const COMMANDS: Readonly<Record<string, Command>> = {
  "create-client": createClient,
  "create-agent": createAgent,
  "create-person": createPerson,
  link,
  "list-clients": listClients,
  "set-permissions": setPermissions,
  "delete-client": deleteClient,
  "end-sessions": endSessions,
  "rotate-secrets-key": rotateSecrets,
};

export interface AdminStreams {
  print: (text: string) => void;
  complain: (text: string) => void;
}

/**
 * Runs an operator's command: exit status 0, 1 when it cannot be done, 2 when the command line is wrong.
 *
 * @param asOperator opens what the command works with, for the time that it runs; not called for help
 */
export async function runCommand(
  args: readonly string[],
  { print, complain }: AdminStreams,
  asOperator: (run: (operator: Operator) => Promise<void>) => Promise<void>,
): Promise<number> {
  const [name = "--help", ...rest] = args;
  if (["--help", "-h", "help"].includes(name)) {
    print(OVERVIEW);
    return args.length ? 0 : 2;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    complain(`testflinger-server admin: unknown command '${name}'. See testflinger-server admin --help.\n`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    print(HELP[name] as string);
    return 0;
  }
  try {
    await asOperator((operator) => command(rest, operator));
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof Refusal)) throw error;
    const hint = error instanceof UsageError ? `\nSee testflinger-server admin ${name} --help.` : "";
    complain(`testflinger-server admin ${name}: ${error.message}${hint}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
