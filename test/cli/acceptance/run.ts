import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CredentialWatch } from "../../support/credentials/watch.ts";
import { accessToken } from "../support/scripted-server.ts";
import { pattern, problemsOf } from "./outcome.ts";
import type { Mode, Scenario } from "./script.ts";
import { PlayingServer } from "./server.ts";
import { spawned } from "./spawn.ts";

const FAR_FUTURE = Date.parse("2100-01-01T00:00:00Z") / 1000;

/**
 * Runs a scenario and tells what departs from it.
 * @param binary path of the compiled program
 */
export async function departures(scenario: Scenario, mode: Mode, binary: string): Promise<string[]> {
  const watch = new CredentialWatch();
  await using server = new PlayingServer(watch);
  const root = await realpath(await mkdtemp(join(tmpdir(), "acceptance-")));
  try {
    const places = { home: join(root, "home"), folder: join(root, "folder"), server: await server.listen() };
    const filled = fill(scenario, { ...places, ...TOKENS });
    server.play(filled.exchanges);
    await prepare(filled, places);
    const program = join(root, filled.command[0]!);
    await symlink(binary, program);
    const [, ...words] = filled.command;
    const options = { cwd: places.folder, env: environment(filled, places) };
    const outcome = await spawned(filled, mode, [program, ...words], options, server);
    const files = await Promise.all(
      Object.entries(filled.filesAfter).map(async ([name, text]) => fileProblem(name, text, places)),
    );
    for (const kind of filled.shows) watch.permitKind(kind, "the scenario is about showing it");
    const leaks = watch.leaks({ output: outcome.stdout + outcome.stderr + outcome.screen });
    return [...server.verdict(), ...problemsOf(filled, mode, outcome), ...files.flat(), ...leaks];
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

const TOKENS = Object.fromEntries(
  ["admin", "manager", "contributor"].map((role) => [role, accessToken({ client_id: "me", role }, FAR_FUTURE)]),
);

/** Replaces `{name}` by its value in every text of a scenario. */
function fill(scenario: Scenario, values: Readonly<Record<string, string>>): Scenario {
  return JSON.parse(JSON.stringify(scenario), (_, value: unknown) =>
    typeof value === "string" ? value.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole) : value,
  ) as Scenario;
}

interface Places {
  readonly home: string;
  readonly folder: string;
  readonly server: string;
}

const pathOf = (name: string, { home, folder }: Places) =>
  name.startsWith("~/") ? join(home, name.slice(2)) : join(folder, name);

async function prepare({ files }: Scenario, places: Places): Promise<void> {
  await Promise.all([mkdir(places.home), mkdir(places.folder)]);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(pathOf(name, places)), { recursive: true });
    const [file = name, target] = name.split(" -> ");
    await (target ? symlink(target, pathOf(file, places)) : writeFile(pathOf(name, places), text));
  }
}

const environment = ({ env }: Scenario, { home, server }: Places): Record<string, string | undefined> => ({
  PATH: process.env.PATH,
  HOME: home,
  LANG: "C.UTF-8",
  TZ: "UTC",
  TERM: "xterm-256color",
  COLUMNS: "80",
  BROWSER: "true",
  TESTFLINGER_SERVER: server,
  ...env,
});

async function fileProblem(name: string, expected: string, places: Places): Promise<string[]> {
  const actual = await readFile(pathOf(name, places), "utf8").catch(() => "");
  return pattern(expected.trimEnd(), "exact").test(actual.trimEnd()) ? [] : [`${name} is\n${actual}not\n${expected}`];
}
