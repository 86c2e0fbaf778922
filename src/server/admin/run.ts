import { loadConfig } from "../config.ts";
import { securityEvents } from "../log/security-events.ts";
import { openStore } from "../open-store.ts";
import { runCommand } from "./commands.ts";
import { secretFiles } from "./secret-files.ts";
import { processTerminal } from "./terminal.ts";

/** Runs `testflinger-server admin` with its arguments on the database that the environment names; the exit status. */
export function runAdmin(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Promise<number> {
  const complain = (text: string) => void process.stderr.write(text);
  return runCommand(args, { print: processTerminal.print, complain }, async (run) => {
    const config = loadConfig(env);
    const now = () => new Date();
    const store = await openStore(config, false);
    try {
      await run({
        name: env.SUDO_USER ?? env.USER ?? `uid ${process.getuid?.()}`,
        store,
        masterKeys: { current: config.secrets.masterKey, next: config.secrets.nextMasterKey },
        terminal: processTerminal,
        files: secretFiles,
        events: securityEvents((line) => complain(`${line}\n`), now, config.hostname),
        random: (length) => crypto.getRandomValues(new Uint8Array(length)),
        now,
      });
    } finally {
      await store.close();
    }
  });
}
