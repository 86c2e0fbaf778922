import { HttpError } from "../../api/errors.ts";
import { requireRole } from "../../auth/caller.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { credentialOptions } from "../credentials.ts";
import { exitStatusOption, logFailure } from "./exit-status.ts";

export default defineCommand({
  meta: { name: "client-permissions", description: "Delete a client and everything it may do" },
  args: {
    "testflinger-client-id": { type: "string", required: true, valueHint: "ID", description: "client to delete" },
    ...exitStatusOption,
    ...credentialOptions,
  },
  examples: ["testflinger admin delete client-permissions --testflinger-client-id former-client"],
  run,
});

export interface DeletePermissionsOptions {
  readonly testflingerClientId: string;
  readonly exitStatus: boolean;
}

export async function run(options: DeletePermissionsOptions, session: Session): Promise<void> {
  const { testflingerClientId: id } = options;
  const { api, context } = session;
  requireRole(await api.auth.authenticate(), ["admin"]);
  try {
    await api.permissions.delete(id);
    // The spelling is what scripts look for.
    context.io.stdout.write(`Succesfully deleted ${id} from database\n`);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    logFailure(`Failed to delete client ${id}: [${error.status}] ${error.message}`, options, session);
  }
}
