import { resolve } from "node:path";
import { ApiClient } from "./api/client.ts";
import { configFileIn, configHome, historyFileIn } from "./config/paths.ts";
import { loadSettings, type SettingOptions, type Settings } from "./config/settings.ts";
import type { Context } from "./context.ts";
import { UsageError } from "./errors.ts";
import { refuseSnapPrivate } from "./files/snap.ts";
import type { ProgramOptions } from "./grammar/command-line.ts";
import { JobHistory } from "./history/history.ts";
import { createLog, type Log } from "./log.ts";
import { tracedFetch } from "./runtime/http-trace.ts";

/** What a running command works with. A command takes its options and a session, and nothing else from the world. */
export interface Session {
  readonly context: Context;
  readonly log: Log;
  /** Settings after precedence: option, file, environment, default. */
  readonly settings: Settings;
  /** The configuration file in use; it need not exist. */
  readonly configFile: string;
  /** The server, talked to when a method is called, not before. */
  readonly api: ApiClient;
  readonly history: JobHistory;
  /** The name the program was started with, for messages that name a command to type next. */
  readonly program: string;
  /** Was `--debug` given? */
  readonly debug: boolean;
}

export interface SessionRequest {
  readonly context: Context;
  readonly program: string;
  readonly programOptions: ProgramOptions;
  /** Options of the command, for those that are settings. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly needsServer: boolean;
}

/**
 * Gathers what a command needs; makes no request and changes no file. For a command without a server, settings that
 * cannot be used are no obstacle: `config` is how they are repaired.
 * @throws UsageError for half a pair of credentials (command-line section 5.2)
 * @throws CliError for settings that cannot be used
 */
export function openSession({ needsServer, ...request }: SessionRequest): Session {
  const session = new ProgramSession(request);
  if (needsServer) void session.api;
  return session;
}

class ProgramSession implements Session {
  readonly context: Context;
  readonly program: string;
  readonly debug: boolean;
  readonly log: Log;
  readonly configFile: string;
  readonly history: JobHistory;
  readonly #options: SettingOptions;
  #settings: Settings | undefined;
  #api: ApiClient | undefined;

  constructor({ context, program, programOptions, options }: Omit<SessionRequest, "needsServer">) {
    const { configfile, debug, server } = programOptions;
    const home = configHome(context.env);
    this.context = contextFor(programOptions, context);
    this.program = program;
    this.debug = debug;
    this.log = createLog(context, { debug });
    if (configfile) refuseSnapPrivate(configfile, context);
    this.configFile = configfile ? resolve(context.cwd, configfile) : configFileIn(home);
    this.history = new JobHistory(historyFileIn(home), context.clock, this.log);
    this.#options = { server, ...credentials(options) };
  }

  get settings(): Settings {
    this.#settings ??= loadSettings({ options: this.#options, configFile: this.configFile, env: this.context.env });
    return this.#settings;
  }

  get api(): ApiClient {
    this.#api ??= new ApiClient(this.context, this.settings, this.log);
    return this.#api;
  }
}

/** The world as the options of the program want it. */
function contextFor({ verbose, noBrowser }: ProgramOptions, context: Context): Context {
  return {
    ...context,
    ...(verbose && { fetch: tracedFetch(context, createLog(context, { debug: true })) }),
    ...(noBrowser && { openBrowser: async () => false }),
  };
}

function credentials({ clientId, secretKey }: Readonly<Record<string, unknown>>) {
  const pair = { clientId: textOf(clientId), secretKey: textOf(secretKey) };
  if (!pair.clientId !== !pair.secretKey) {
    throw new UsageError("Both --client-id and --secret-key must be provided together");
  }
  return pair;
}

const textOf = (option: unknown): string | undefined => (typeof option === "string" ? option : undefined);
