import { describe, expect, test } from "bun:test";
import { cliBinary } from "../../support/binaries.ts";
import { departures } from "./run.ts";
import { allScripts } from "./scripts.ts";

describe.each(allScripts().map(({ name, scenarios }) => [name, scenarios] as const))("%s", (_, scenarios) => {
  for (const scenario of scenarios)
    for (const mode of scenario.modes)
      test.concurrent(
        `${scenario.name} (${mode})`,
        async () => expect(await departures(scenario, mode, cliBinary())).toEqual([]),
        60_000,
      );
});
