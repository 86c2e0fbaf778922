import { runCommand } from "../../../src/server/admin/commands.ts";
import type { SecretFiles } from "../../../src/server/admin/operator.ts";
import { secretFiles } from "../../../src/server/admin/secret-files.ts";
import { securityEvents } from "../../../src/server/log/security-events.ts";
import type { Store } from "../../../src/server/store/store.ts";
import { CredentialWatch } from "../../support/credentials/watch.ts";

export interface Given {
  /** Answers to questions, hidden ones too; without any there is no terminal. */
  answers?: (string | null)[];
  stdin?: string;
  files?: SecretFiles;
}

/** What a command did. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
  readonly questions: string[];
  /** Names of security events with their arguments. */
  readonly events: string[];
  /** All that was told to the audit log. */
  readonly audit: string;
  /** How often the database was asked for. */
  readonly opened: number;
}

/** Runs a command line as a shell would split it. Fails when a credential that went in or came out is in the audit log. */
export async function runAdminCommand(
  line: string | readonly string[],
  { store, now, watch = new CredentialWatch() }: { store: Store; now: () => Date; watch?: CredentialWatch },
  { answers, stdin = "", files = secretFiles }: Given = {},
): Promise<Outcome> {
  let out = "",
    err = "",
    opened = 0;
  const questions: string[] = [],
    audit: string[] = [];
  const ask = async (question: string) => {
    questions.push(question);
    return answers?.shift() ?? null;
  };
  const askHidden = async (question: string) => {
    const answer = await ask(question);
    watch.note("hidden answer", answer ?? "");
    return answer;
  };
  watch.note("standard input", stdin.trim());
  const args = typeof line === "string" ? line.split(" ").filter(Boolean) : line;
  const streams = { print: (text: string) => void (out += text), complain: (text: string) => void (err += text) };
  const status = await runCommand(args, streams, async (run) => {
    opened += 1;
    await run({
      name: "root",
      store,
      terminal: {
        interactive: answers !== undefined,
        print: streams.print,
        ask,
        askHidden,
        readAll: async () => stdin,
      },
      files: {
        write: (path, replace, make) =>
          files.write(path, replace, async () => {
            const content = await make();
            watch.reads(content);
            return content;
          }),
      },
      events: securityEvents((text) => audit.push(text), now, undefined),
      random: (length) => crypto.getRandomValues(new Uint8Array(length)),
      now,
    });
  });
  watch.reads(out);
  watch.note("generated secret", /shown only this once: (\S+)/.exec(out)?.[1] ?? "");
  watch.assertSafe({ log: audit.join("\n") });
  const events = audit.map((text) => JSON.parse(text).owasp_event.event as string);
  return { status, out, err, questions, events, audit: audit.join(), opened };
}
