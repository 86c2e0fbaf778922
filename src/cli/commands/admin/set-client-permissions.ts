import { ROLES } from "../../../shared/roles.ts";
import { HttpError } from "../../api/errors.ts";
import { requireRole } from "../../auth/caller.ts";
import { CliError } from "../../errors.ts";
import { readSecret } from "../../files/secret-file.ts";
import type { Json, JsonObject } from "../../format/json-value.ts";
import { parse } from "../../format/python-json.ts";
import { defineCommand } from "../../grammar/command.ts";
import { path } from "../../grammar/values.ts";
import { shownOn } from "../../output/device-text.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { exitStatusOption, logFailure } from "./exit-status.ts";

export default defineCommand({
  meta: { name: "client-permissions", description: "Create a client or change what it may do" },
  details:
    "What is not given stays as it is. A new client needs a secret. group:NAME stands for the members of a group of the " +
    "identity provider; it has neither secret nor role.",
  args: {
    "testflinger-client-id": { type: "string", valueHint: "ID", description: "client to create or change" },
    "testflinger-client-secret": {
      type: "string",
      valueHint: "SECRET",
      description: "secret key of the client, 15 characters or more; other users of this machine can see it here",
    },
    "testflinger-client-secret-file": {
      type: "string",
      givesWay: true,
      read: path,
      valueHint: "FILE",
      completes: "file",
      description: "read the secret key from a file, - for standard input",
    },
    "max-priority": {
      type: "string",
      valueHint: "JSON",
      description: "highest job priority per queue, * for any queue",
    },
    "max-reservation": { type: "string", valueHint: "JSON", description: "longest reservation per queue in seconds" },
    role: { type: "string", options: ROLES.toReversed(), description: "role of the client" },
    email: { type: "string", description: "address of the person behind a client that has a secret" },
    json: { type: "string", description: "everything as one JSON object with client_id; replaces the options above" },
    ...exitStatusOption,
    ...credentialOptions,
  },
  exclusive: [["testflinger-client-secret", "testflinger-client-secret-file"]],
  examples: [
    `testflinger admin set client-permissions --testflinger-client-id ci --max-priority '{"*": 10}'`,
    `testflinger admin set client-permissions --json '{"client_id": "ci", "role": "contributor"}'`,
    `testflinger admin set client-permissions --json '{"client_id": "group:kernel", "allowed_queue_patterns": ["rpi4-*"]}'`,
  ],
  run,
});

export interface SetPermissionsOptions {
  readonly testflingerClientId: string | undefined;
  readonly testflingerClientSecret: string | undefined;
  readonly testflingerClientSecretFile: string | undefined;
  readonly maxPriority: string | undefined;
  readonly maxReservation: string | undefined;
  readonly role: string | undefined;
  readonly email: string | undefined;
  readonly json: string | undefined;
  readonly exitStatus: boolean;
}

export async function run(options: SetPermissionsOptions, session: Session): Promise<void> {
  const { api, context } = session;
  const { stdout } = context.io;
  requireRole(await api.auth.authenticate(), ["admin", "manager"]);
  const file = options.testflingerClientSecretFile;
  const secret = file === undefined ? options.testflingerClientSecret : await readSecret(file, context);
  const permissions = options.json
    ? objectIn(options.json)
    : fromOptions({ ...options, testflingerClientSecret: secret });
  const clientId = permissions.get("client_id");
  permissions.delete("client_id");
  if (typeof clientId !== "string" || clientId === "") throw new CliError("Error: client_id cannot be empty");
  try {
    stdout.write(shownOn(stdout)(`${await api.permissions.set(clientId, permissions)}\n`));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    const reason = [400, 403, 422].includes(error.status) ? "" : "Failed to set client permissions: ";
    logFailure(`${reason}${error.message}`, options, session);
  }
}

function objectIn(text: string): JsonObject {
  const value = parsed(text, "");
  if (!(value instanceof Map)) throw new CliError("Error: --json must be a JSON object with client_id");
  return value;
}

function fromOptions(options: SetPermissionsOptions): JsonObject {
  const { maxPriority, maxReservation } = options;
  const given: readonly (readonly [string, Json | undefined])[] = [
    ["client_id", options.testflingerClientId],
    ["client_secret", options.testflingerClientSecret],
    ["max_priority", maxPriority ? parsed(maxPriority, "max_priority ") : undefined],
    ["max_reservation_time", maxReservation ? parsed(maxReservation, "max_reservation_time ") : undefined],
    ["role", options.role],
    ["email", options.email],
  ];
  return new Map(given.flatMap(([key, value]) => (value === undefined || value === "" ? [] : [[key, value] as const])));
}

function parsed(text: string, what: string): Json {
  try {
    return parse(text);
  } catch (error) {
    throw new CliError(`Error parsing ${what}JSON: ${(error as Error).message}`);
  }
}
