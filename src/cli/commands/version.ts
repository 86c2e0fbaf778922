import { VERSION } from "../../shared/version.ts";
import { defineCommand } from "../grammar/command.ts";
import type { Session } from "../session.ts";

export default defineCommand({
  meta: { name: "version", description: "Show the version of this program" },
  details: "Prints the program's name, a blank and the version, as --version does.",
  examples: ["testflinger version"],
  needsServer: false,
  run,
});

export async function run(_options: {}, { context }: Pick<Session, "context">): Promise<void> {
  context.io.stdout.write(`testflinger ${VERSION}\n`);
}
