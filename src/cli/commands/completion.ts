import { SCRIPTS, type Shell } from "../completion/scripts.ts";
import { defineCommand } from "../grammar/command.ts";
import type { Session } from "../session.ts";

export default defineCommand({
  meta: { name: "completion", description: "Print a script that teaches a shell to complete commands" },
  details:
    "Completes commands, options, files, and the ids of jobs submitted from here. Nothing is asked of the server.",
  args: {
    shell: { type: "positional", options: Object.keys(SCRIPTS) as Shell[], description: "bash, zsh or fish" },
  },
  needsServer: false,
  examples: [
    'eval "$(testflinger completion bash)"      # in ~/.bashrc, or with zsh in ~/.zshrc',
    "testflinger completion fish | source       # in ~/.config/fish/config.fish",
  ],
  run,
});

export async function run({ shell }: { shell: Shell }, { context }: Pick<Session, "context">): Promise<void> {
  context.io.stdout.write(SCRIPTS[shell]);
}
