import type { Context } from "../context.ts";
import { CliError } from "../errors.ts";
import { readConfigFile } from "./config-file.ts";
import { configHome } from "./paths.ts";

/** What the program runs with (command-line section 3.2). */
export interface Settings {
  /** As it was given; `parseServerUrl` reads it. */
  readonly server: string;
  readonly clientId: string | undefined;
  readonly secretKey: string | undefined;
  /** After how many failed requests in a row a warning is shown. */
  readonly errorThreshold: number;
  /** Seconds between two tries of an upload. */
  readonly attachmentsRetryWait: number;
  /** Seconds an upload may stand still. */
  readonly attachmentsTimeout: number;
  readonly attachmentsTries: number;
  /** Refuse servers whose connection others can read (W12). */
  readonly requireHttps: boolean;
  /** How many submitted jobs are remembered. */
  readonly historyLength: number;
  /** Folder of the user's configuration files. */
  readonly configHome: string;
}

/** Settings that can be given on the command line. */
export type SettingOptions = Partial<Pick<Settings, "server" | "clientId" | "secretKey">>;

export interface SettingSources {
  readonly options: SettingOptions;
  /** Path of the configuration file, which need not exist. */
  readonly configFile: string;
  readonly env: Context["env"];
}

export const DEFAULT_SERVER = "https://testflinger.canonical.com";

/**
 * The settings after precedence: option, configuration file, environment, default. An empty text counts as not set.
 *
 * @throws {CliError} when the file is broken, or naming the number that is none and where it stands (W2)
 */
export function loadSettings({ options, configFile, env }: SettingSources): Settings {
  const file = readConfigFile(configFile);
  const text = (key: string, variable?: string) => file.get(key) || (variable && env[variable]) || undefined;
  const number = (key: NumericKey, variable?: string) => {
    const given = text(key, variable);
    if (given === undefined) return NUMBERS[key].fallback;
    return readNumber(
      given,
      NUMBERS[key],
      file.get(key) ? `${key} in ${configFile}` : `${variable} in the environment`,
    );
  };
  const flag = (key: FlagKey, variable: string) => {
    const given = text(key, variable);
    const place = file.get(key) ? `${key} in ${configFile}` : `${variable} in the environment`;
    return given === undefined ? false : readFlag(given, place);
  };
  return {
    server: options.server || text("server", "TESTFLINGER_SERVER") || DEFAULT_SERVER,
    clientId: options.clientId || text("client_id", "TESTFLINGER_CLIENT_ID"),
    secretKey: options.secretKey || text("secret_key", "TESTFLINGER_SECRET_KEY"),
    errorThreshold: number("error_threshold", "TESTFLINGER_ERROR_THRESHOLD"),
    attachmentsRetryWait: number("attachments_retry_wait"),
    attachmentsTimeout: number("attachments_timeout"),
    attachmentsTries: number("attachments_tries"),
    requireHttps: flag("require_https", "TESTFLINGER_REQUIRE_HTTPS"),
    historyLength: number("history_length", "TESTFLINGER_HISTORY_LENGTH"),
    configHome: configHome(env),
  };
}

/**
 * Checks a value before it is written to a configuration file, where it would stop every later command. Keys that this
 * program does not know may have any value.
 *
 * @throws {CliError}
 */
export function checkSetting(key: string, value: string): void {
  if (value === "") return;
  if (Object.hasOwn(NUMBERS, key)) readNumber(value, NUMBERS[key as NumericKey], key);
  if ((FLAGS as readonly string[]).includes(key)) readFlag(value, key);
}

const FLAGS = ["require_https"] as const;
type FlagKey = (typeof FLAGS)[number];

/** The words that Python's `configparser` takes for truth values. */
function readFlag(text: string, place: string): boolean {
  if (/^(1|yes|true|on)$/i.test(text)) return true;
  if (/^(0|no|false|off)$/i.test(text)) return false;
  throw new CliError(`${place} must be true or false, not ${JSON.stringify(text)}`);
}

/** The keys of all settings. */
export const SETTINGS: readonly string[] = [
  "server",
  "client_id",
  "secret_key",
  "error_threshold",
  "attachments_retry_wait",
  "attachments_timeout",
  "attachments_tries",
  "history_length",
  "require_https",
];

interface NumberRule {
  readonly min: number;
  readonly max?: number;
  /** Whether fractions are refused. */
  readonly whole?: boolean;
  readonly fallback: number;
}

const NUMBERS = {
  error_threshold: { min: 1, whole: true, fallback: 3 },
  attachments_retry_wait: { min: 0, fallback: 10 },
  attachments_timeout: { min: 1, fallback: 600 },
  attachments_tries: { min: 1, whole: true, fallback: 3 },
  // The file is read and written whole at every change of a state.
  history_length: { min: 0, max: 1000, whole: true, fallback: 10 },
} as const satisfies Record<string, NumberRule>;
type NumericKey = keyof typeof NUMBERS;

/** No setting needs more, and a longer wait in milliseconds would overflow a timer. */
const MAX = 1_000_000;

function readNumber(text: string, { min, max = MAX, whole }: NumberRule, place: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
  const kind = whole ? "a whole number" : "a number";
  throw new CliError(`${place} must be ${kind} from ${min} to ${max}, not ${JSON.stringify(text)}`);
}
