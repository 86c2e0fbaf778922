import { HttpError } from "../../api/errors.ts";
import { requireRole } from "../../auth/caller.ts";
import { stringify } from "../../format/python-json.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";

export default defineCommand({
  meta: { name: "client-permissions", description: "Show what one client, or every client, may do" },
  args: {
    "testflinger-client-id": {
      type: "string",
      valueHint: "ID",
      description: "client to show; every client without it",
    },
    ...credentialOptions,
  },
  examples: ["testflinger admin get client-permissions | jq -r '.[].client_id'"],
  run,
});

export interface GetPermissionsOptions {
  readonly testflingerClientId: string | undefined;
}

/** A failure is logged and the exit status stays 0: scripts rely on it (command-line section 10.1). */
export async function run({ testflingerClientId: id }: GetPermissionsOptions, session: Session): Promise<void> {
  const { api, context, log } = session;
  requireRole(await api.auth.authenticate(), ["admin", "manager"]);
  try {
    const { json } = id ? await api.permissions.get(id) : await api.permissions.list();
    context.io.stdout.write(`${stringify(json)}\n`);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    log.error("admin", `Failed to get client permissions: [${error.status}] ${error.message}`);
  }
}
