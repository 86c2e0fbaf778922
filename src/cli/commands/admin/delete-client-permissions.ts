import { HttpError } from "../../api/errors.ts";
import { requireRole } from "../../auth/caller.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";

export default defineCommand({
  meta: { name: "client-permissions", description: "Delete a client and everything it may do" },
  args: {
    "testflinger-client-id": { type: "string", required: true, valueHint: "ID", description: "client to delete" },
    ...credentialOptions,
  },
  examples: ["testflinger admin delete client-permissions --testflinger-client-id former-client"],
  run,
});

export interface DeletePermissionsOptions {
  readonly testflingerClientId: string;
}

/** A failure is logged and the exit status stays 0: scripts rely on it (command-line section 10.1). */
export async function run({ testflingerClientId: id }: DeletePermissionsOptions, session: Session): Promise<void> {
  const { api, context, log } = session;
  requireRole(await api.auth.authenticate(), ["admin"]);
  try {
    await api.permissions.delete(id);
    // The spelling is what scripts look for.
    context.io.stdout.write(`Succesfully deleted ${id} from database\n`);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    log.error("admin", `Failed to delete client ${id}: [${error.status}] ${error.message}`);
  }
}
