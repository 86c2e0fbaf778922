import { expect, test } from "bun:test";
import { cliBinary } from "../support/binaries.ts";
import { load, run, select } from "./cli/replay.ts";

for (const [topic, cases] of load())
  for (const one of select(cases, "compatible"))
    test.concurrent(
      `${topic}: ${one.name}`,
      async () => expect((await run(one, [cliBinary()])).problems).toEqual([]),
      35_000,
    );
