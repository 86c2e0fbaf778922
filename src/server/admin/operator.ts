import type { SecurityEvents } from "../log/security-events.ts";
import type { Store } from "../store/store.ts";
import type { RandomBytes } from "../tokens/random.ts";

/** What a command of the operator works with. */
export interface Operator {
  /** Who is told in audit events: the user of the operating system. */
  readonly name: string;
  readonly store: Pick<
    Store,
    "clients" | "queues" | "refreshTokens" | "browserSessions" | "secrets" | "referenceSecrets"
  >;
  /** Keys of stored secrets: the one in use and the one that is to replace it. */
  readonly masterKeys?: { readonly current?: Uint8Array; readonly next?: Uint8Array };
  readonly terminal: Terminal;
  readonly files: SecretFiles;
  readonly events: SecurityEvents;
  readonly random: RandomBytes;
  readonly now: () => Date;
}

export interface Terminal {
  /** Is there somebody to ask? */
  readonly interactive: boolean;
  /** To standard output. */
  print(text: string): void;
  /** Asks for a line without showing what is typed; null when the person gives up. */
  askHidden(question: string): Promise<string | null>;
  /** Asks for a line; null when the person gives up. */
  ask(question: string): Promise<string | null>;
  /** All of standard input. */
  readAll(): Promise<string>;
}

/** Files with credentials, for their owner only. */
export interface SecretFiles {
  /**
   * Writes what `make` resolves to as a whole. That the file can be written is made sure of before; if `make` fails there is no new file.
   *
   * @param replace may the file exist? Else it must not
   * @throws Refusal
   */
  write(path: string, replace: boolean, make: () => Promise<string>): Promise<void>;
}

/** The command line is wrong: exit status 2 and a hint at the help. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The command cannot be done: exit status 1. */
export class Refusal extends Error {
  override readonly name = "Refusal";
}
