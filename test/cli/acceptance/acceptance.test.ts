import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { COMMANDS } from "../../../src/cli/commands/index.ts";
import { cliBinary } from "../../support/binaries.ts";
import { load } from "../../conformance/cli/replay.ts";
import { departures } from "./run.ts";
import { parseScript } from "./script.ts";

const FOLDER = join(import.meta.dir, "scripts");
const scripts = readdirSync(FOLDER).map((file) => ({
  command: file.replace(/\.txt$/, ""),
  scenarios: parseScript(readFileSync(join(FOLDER, file), "utf8")),
}));

describe.each(scripts.map(({ command, scenarios }) => [command, scenarios] as const))("%s", (_, scenarios) => {
  for (const scenario of scenarios)
    for (const mode of scenario.modes)
      test.concurrent(
        `${scenario.name} (${mode})`,
        async () => expect(await departures(scenario, mode, cliBinary())).toEqual([]),
        60_000,
      );
});

test("every weak point of the reference that was recorded is done better by a script", () => {
  const weakPoints = Array.from(load(), ([topic, cases]) =>
    cases.filter(({ weakPoint }) => weakPoint).map(({ name }) => `${topic}: ${name}`),
  ).flat();
  const better = scripts.flatMap(({ scenarios }) => scenarios.flatMap(({ insteadOf }) => insteadOf ?? []));
  expect(better.toSorted()).toEqual(weakPoints.toSorted());
});

test("there is a script for every command", () => {
  const written = scripts.map(({ command }) => command);
  expect(Object.keys(COMMANDS).filter((command) => !written.includes(command))).toEqual([]);
});
