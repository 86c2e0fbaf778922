import type { ApiClient } from "./api/client.ts";
import type { Settings } from "./config/settings.ts";
import type { Context } from "./context.ts";
import type { JobHistory } from "./history/history.ts";
import type { Log } from "./log.ts";

/**
 * What a running command works with. A command takes its options and a session, and nothing else from the world.
 */
export interface Session {
  readonly context: Context;
  readonly log: Log;
  /** Settings after precedence: option, file, environment, default. */
  readonly settings: Settings;
  /** The server, talked to when a method is called, not before. */
  readonly api: ApiClient;
  readonly history: JobHistory;
  /** The name the program was started with, for messages that name a command to type next. */
  readonly program: string;
  /** Was `--debug` given? */
  readonly debug: boolean;
}
