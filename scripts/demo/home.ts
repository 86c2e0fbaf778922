import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Environment = Record<string, string | undefined>;

const ROOT = join(import.meta.dir, "..", "..");

/** What the demo's programs see of the person's environment: nothing that configures Testflinger. */
const KEPT = /^(PATH|LANG|LC_ALL|TERM|COLORTERM|NO_COLOR|TMPDIR)$/;
/** What a browser needs of it to find its settings and the screen. */
const KEPT_FOR_BROWSER =
  /^(HOME|USER|LOGNAME|BROWSER|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|DESKTOP_SESSION|XDG_\w+)$/;

/** A folder that stands in for the person's home: the demo touches none of their files, settings and logins. */
export interface Home {
  readonly folder: string;
  /** Environment in which every program of the demo runs. */
  readonly env: Environment;
  /** Runs the command-line client from source, as `testflinger` would run. */
  readonly cli: string;
  /** Runs the server from source, as `testflinger-server` would run. */
  readonly server: string;
  path(name: string): string;
  remove(): Promise<void>;
}

export interface HomeOptions {
  /** The person's environment. */
  readonly env: Environment;
  /** Where the demo's server will be. */
  readonly serverUrl: string;
  /** May the client open the person's browser? */
  readonly browser: boolean;
}

/** Makes the folder, with launchers for both programs in it. */
export async function createHome({ env, serverUrl, browser }: HomeOptions): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), "testflinger-demo-"));
  const path = (name: string) => join(folder, name);
  const own: Environment = {
    ...pick(env, KEPT),
    HOME: folder,
    XDG_CONFIG_HOME: path("config"),
    XDG_DATA_HOME: path("data"),
    TESTFLINGER_SERVER: serverUrl,
  };
  await mkdir(path("bin"));
  const opener = browser ? openerFor(env) : undefined;
  if (opener) {
    await writeScript(path("bin/browser"), `${exports(pick(env, KEPT_FOR_BROWSER))}exec ${quote(opener)} "$1"\n`);
    own.BROWSER = path("bin/browser");
  }
  const launch = (main: string) => `${exports(own)}exec ${quote(process.execPath)} ${quote(join(ROOT, main))} "$@"\n`;
  await writeScript(path("bin/testflinger"), launch("src/cli/main.ts"));
  await writeScript(path("bin/testflinger-server"), launch("src/server/main.ts"));
  return {
    folder,
    env: own,
    cli: path("bin/testflinger"),
    server: path("bin/testflinger-server"),
    path,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * The program that shows an address. It gets the person's own environment back: in the demo's home a browser would find
 * none of its settings, and begin anew.
 */
function openerFor(env: Environment): string | undefined {
  if (process.platform === "darwin") return "open";
  return env.DISPLAY || env.WAYLAND_DISPLAY ? (Bun.which("xdg-open") ?? undefined) : undefined;
}

async function writeScript(file: string, body: string): Promise<void> {
  await Bun.write(file, `#!/bin/sh\n${body}`);
  await chmod(file, 0o700);
}

const pick = (env: Environment, names: RegExp): Environment =>
  Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name)));

const exports = (env: Environment): string =>
  Object.entries(env)
    .map(([name, value]) => (value === undefined ? "" : `export ${name}=${quote(value)}\n`))
    .join("");

const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
