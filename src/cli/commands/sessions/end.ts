import { HttpError } from "../../api/errors.ts";
import { CliError, UsageError } from "../../errors.ts";
import { defineCommand } from "../../grammar/command.ts";
import type { Session } from "../../session.ts";
import { loginsOf } from "./own-sessions.ts";

export default defineCommand({
  meta: { name: "end", description: "End logins" },
  details:
    "Says nothing when it worked. What was allowed before stays allowed for some minutes, until it is checked anew.",
  args: {
    others: {
      type: "boolean",
      description: "end all of your logins but the one of this command line, those of browsers too",
    },
    id: {
      type: "positional",
      required: false,
      collect: "each",
      description: "login to end, as `sessions list` shows it",
    },
  },
  examples: ["testflinger sessions end LOGIN_ID", "testflinger sessions end --others    # after losing a laptop"],
  run,
});

export interface SessionsEndOptions {
  readonly others: boolean;
  readonly id: readonly string[];
}

export async function run({ others, id: named }: SessionsEndOptions, session: Session): Promise<void> {
  if (others === named.length > 0)
    throw new UsageError("give either the ids of logins or --others", ["sessions", "end"]);
  const logins = await loginsOf(undefined, session);
  const ids = others ? logins.filter(({ current }) => current !== true).map(({ id }) => id) : named;
  const failures: string[] = [];
  for (const id of ids) {
    try {
      await session.api.sessions.end(id);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      failures.push(`Login ${id} was not ended: ${error.message}`);
    }
  }
  if (failures.length > 0) throw new CliError(failures.join("\n"));
}
