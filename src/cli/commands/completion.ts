import { SCRIPTS, type Shell } from "../completion/scripts.ts";
import { defineCommand } from "../grammar/command.ts";
import type { Session } from "../session.ts";

export default defineCommand({
  meta: { name: "completion", description: "Print a script that teaches a shell to complete commands" },
  details:
    "Completes commands, options, files, the ids of jobs submitted from here, and the names of queues and agents as " +
    "list-queues and list-agents have shown them last. Nothing is asked of the server.",
  args: {
    shell: { type: "positional", options: Object.keys(SCRIPTS) as Shell[], description: "bash, zsh or fish" },
  },
  needsServer: false,
  examples: [
    'eval "$(testflinger completion bash)"                   # in ~/.bashrc',
    "testflinger completion bash > ~/.local/share/bash-completion/completions/testflinger",
    'testflinger completion zsh > "${fpath[1]}/_testflinger" # or, in ~/.zshrc, eval it after compinit',
    "testflinger completion fish > ~/.config/fish/completions/testflinger.fish",
  ],
  run,
});

export async function run({ shell }: { shell: Shell }, { context }: Pick<Session, "context">): Promise<void> {
  context.io.stdout.write(SCRIPTS[shell]);
}
