import { HttpError } from "../../api/errors.ts";
import type { ClientPermissions } from "../../api/permissions.ts";
import { requireRole } from "../../auth/caller.ts";
import { defineCommand } from "../../grammar/command.ts";
import { chosenFormat, type OutputChoice, outputOptions, printData } from "../../output/data.ts";
import { textTable } from "../../output/table.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { exitStatusOption, logFailure } from "./exit-status.ts";

export default defineCommand({
  meta: { name: "client-permissions", description: "Show what one client, or every client, may do" },
  args: {
    "testflinger-client-id": {
      type: "string",
      valueHint: "ID",
      description: "client to show; every client without it",
    },
    ...exitStatusOption,
    ...outputOptions,
    ...credentialOptions,
  },
  exclusive: [["json", "output"]],
  fields: {
    client_id: "name of the client, or a person's e-mail address",
    role: "admin, manager, contributor or agent",
    max_priority: "highest job priority per queue, * for any queue",
    max_reservation_time: "longest reservation per queue in seconds",
    allowed_queues: "restricted queues that the client owns, by their names",
    allowed_queue_patterns: "the same by patterns, * for any characters",
    groups: "groups of the identity provider that a person was in at the last login",
    email: "address of the person behind a client that has a secret",
  },
  examples: ["testflinger admin get client-permissions | jq -r '.[].client_id'"],
  run,
});

export interface GetPermissionsOptions extends OutputChoice {
  readonly testflingerClientId: string | undefined;
  readonly exitStatus: boolean;
}

const TITLES = ["CLIENT ID", "ROLE", "MAX PRIORITY", "MAX RESERVATION", "RESTRICTED QUEUES"];

const row = (client: ClientPermissions) =>
  [
    client.client_id,
    client.role,
    client.max_priority,
    client.max_reservation_time,
    ownedQueues(client.allowed_queues, client.allowed_queue_patterns),
  ] as const;

/** Names and patterns; what a server sends that is neither list is shown as it is. */
const ownedQueues = (names: unknown, patterns: unknown): unknown =>
  Array.isArray(patterns) ? [...(Array.isArray(names) ? (names as unknown[]) : []), ...(patterns as unknown[])] : names;

export async function run(options: GetPermissionsOptions, session: Session): Promise<void> {
  const { testflingerClientId: id } = options;
  const { api, context } = session;
  const { stdout } = context.io;
  requireRole(await api.auth.authenticate(), ["admin", "manager"]);
  try {
    const { json, value } = id ? await api.permissions.get(id) : await api.permissions.list();
    const table = () => textTable(TITLES, [value].flat().map(row), stdout);
    await printData(chosenFormat(options) ?? "json", { value: json, layout: {}, table }, stdout);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    logFailure(`Failed to get client permissions: [${error.status}] ${error.message}`, options, session);
  }
}
